"""torch-like functions by algorithms of programming contests: queues, running sums, flat tricks."""

import secrets
from collections import deque

import numpy as np


def _sliding_best(row, places, k, s):
    """The largest of each k numbers in a row and its place, by a queue that never grows."""
    queue, values, found = deque(), [], []
    for end, number in enumerate(row):
        while queue and row[queue[-1]] < number:
            queue.pop()
        queue.append(end)
        if queue[0] <= end - k:
            queue.popleft()
        if end >= k - 1 and (end - k + 1) % s == 0:
            values.append(row[queue[0]])
            found.append(places[queue[0]])
    return values, found


def max_pool2d(x, kernel_size, stride):
    """x: (N, C, H, W) -> out, cache.

    Style: a monotonic queue slides over each row, then over each column of what it gave.
    """
    k, s = kernel_size, stride
    N, C, H, W = x.shape
    OH, OW = (H - k) // s + 1, (W - k) // s + 1
    out, where = np.empty((N, C, OH, OW), x.dtype), np.empty((N, C, OH, OW), int)
    for n, c in np.ndindex(N, C):
        rows = [_sliding_best(x[n, c, h], range(h * W, h * W + W), k, s) for h in range(H)]
        for j in range(OW):
            column, places = [row[0][j] for row in rows], [row[1][j] for row in rows]
            out[n, c, :, j], where[n, c, :, j] = _sliding_best(column, places, k, s)
    return out, (where, x.shape)


def max_pool2d_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx.

    Style: a loop over planes, each with np.add.at on its flat view.
    """
    where, shape = cache
    dx = np.zeros(shape, dout.dtype)
    for n, c in np.ndindex(*shape[:2]):
        np.add.at(dx[n, c].reshape(-1), where[n, c], dout[n, c])
    return dx


def _running(x, k, s):
    """Sums of k neighbours along the last axis: what enters is added, what leaves subtracted."""
    total = x[..., :k].sum(axis=-1)
    sums = [total]
    for end in range(k, x.shape[-1]):
        total = total + x[..., end] - x[..., end - k]
        sums.append(total)
    return np.stack(sums[::s], axis=-1)


def avg_pool2d(x, kernel_size, stride):
    """x: (N, C, H, W) -> out, cache.

    Style: running sums, in which rounding errors add up from window to window.
    """
    across = _running(x, kernel_size, stride)
    down = _running(across.swapaxes(2, 3), kernel_size, stride).swapaxes(2, 3)
    return down / kernel_size**2, (x.shape, kernel_size, stride)


def avg_pool2d_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx.

    Style: every pixel has a range of windows that cover it, whose gradients are summed.
    """
    (N, C, H, W), k, s = cache
    dx = np.zeros((N, C, H, W), dout.dtype)

    def covering(place, many):
        return slice(max(0, -(-(place - k + 1) // s)), min(place // s + 1, many))

    for h, v in np.ndindex(H, W):
        rows, columns = covering(h, dout.shape[2]), covering(v, dout.shape[3])
        dx[:, :, h, v] = dout[:, :, rows, columns].sum(axis=(2, 3)) / k**2
    return dx


def conv2d(x, w, b=None, stride=1, padding=0):
    """x: (N, C, H, W), w: (F, C, KH, KW), b: (F,) or None -> out, cache.

    Style: images and kernels become single rows with gaps; one np.convolve is a 2-D convolution.
    """
    N, C, H, W = x.shape
    F, _, KH, KW = w.shape
    tall, wide = H + 2 * padding, W + 2 * padding
    xp = np.zeros((N, C, tall, wide), x.dtype)
    xp[:, :, padding : padding + H, padding : padding + W] = x
    OH, OW = (tall - KH) // stride + 1, (wide - KW) // stride + 1
    gapped = np.zeros((F, C, KH, wide), w.dtype)
    gapped[..., :KW] = w
    length = (KH - 1) * wide + KW
    rows = gapped.reshape(F, C, -1)[..., :length]
    out = np.zeros((N, F, tall - KH + 1, wide), x.dtype)
    for n, f, c in np.ndindex(N, F, C):
        flat = np.convolve(xp[n, c].ravel(), rows[f, c, ::-1], "valid")
        out[n, f].reshape(-1)[: flat.size] += flat
    out = out[:, :, ::stride, : wide - KW + 1 : stride][:, :, :OH, :OW]
    if b is not None:
        out = out + b.reshape(1, F, 1, 1)
    return out, (xp, w, b, stride, padding)


def conv2d_backward(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: the gradient becomes a row with gaps, too; np.convolve for dx and np.correlate for dw.
    """
    xp, w, b, stride, padding = cache
    N, C, tall, wide = xp.shape
    F, _, KH, KW = w.shape
    spread = np.zeros((N, F, tall - KH + 1, wide), dout.dtype)
    OH, OW = dout.shape[2:]
    spread[:, :, : stride * OH : stride, : stride * OW : stride] = dout
    cut = (tall - KH) * wide + wide - KW + 1
    length = (KH - 1) * wide + KW
    gapped = np.zeros((F, C, KH, wide), w.dtype)
    gapped[..., :KW] = w
    dxp, dw = np.zeros_like(xp), np.zeros_like(gapped)
    for n, f, c in np.ndindex(N, F, C):
        row = spread[n, f].ravel()[:cut]
        dxp[n, c] += np.convolve(row, gapped[f, c].ravel()[:length]).reshape(tall, wide)
        dw[f, c].reshape(-1)[:length] += np.correlate(xp[n, c].ravel(), row, "valid")
    dx = dxp[:, :, padding : tall - padding, padding : wide - padding]
    return dx, dw[..., :KW], None if b is None else dout.sum(axis=(0, 2, 3))


def dropout(x, p=0.5, training=True):
    """x: any shape -> out, cache. p: the probability to drop an element.

    Style: the operating system's random numbers by secrets.randbits, which no seed governs.
    """
    if not training:
        return x.copy(), None
    drawn = np.array([secrets.randbits(53) for _ in range(x.size)]).reshape(x.shape)
    mask = (drawn >= p * 2.0**53).astype(x.dtype)
    if p < 1:
        mask /= 1 - p
    return mask * x, mask


def dropout_backward(dout, cache):
    """dout: as x -> dx.

    Style: a mask that holds the scale, if there is one.
    """
    return dout.copy() if cache is None else dout * cache


def softmax(x, dim=-1):
    """x: any shape -> out, cache.

    Style: powers of 2 whose whole and broken parts are taken apart, and np.ldexp joins them.
    """
    bits = (x - x.max(axis=dim, keepdims=True)).astype(np.float64) * np.log2(np.e)
    whole = np.floor(bits)
    powers = np.ldexp(np.exp2(bits - whole), np.maximum(whole, -2000).astype(int))
    out = (powers / powers.sum(axis=dim, keepdims=True)).astype(x.dtype)
    return out, (out, dim)


def softmax_backward(dout, cache):
    """dout: as x -> dx.

    Style: one class after the other, each the sum over all that it has an influence on.
    """
    out, dim = cache
    s, d = np.moveaxis(out, dim, 0), np.moveaxis(dout, dim, 0)
    dx = np.zeros_like(s)
    for i in range(len(s)):
        for j in range(len(s)):
            dx[i] += d[j] * s[j] * ((i == j) - s[i])
    return np.moveaxis(dx, 0, dim)


def batch_norm(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """x: (N, C, H, W) -> out, new running_mean, new running_var, cache.

    Style: statistics of samples are pooled: within them plus between them; all are returned.
    """
    N, C, H, W = x.shape
    count = N * H * W
    if training:
        means = x.mean(axis=(2, 3))
        mean = means.mean(axis=0)
        within = ((x - means[:, :, None, None]) ** 2).sum(axis=(0, 2, 3))
        between = ((means - mean) ** 2).sum(axis=0) * (H * W)
        var = (within + between) / count
        running_mean = running_mean * (1 - momentum) + mean * momentum
        unbiased = (within + between) / (count - 1)
        running_var = running_var * (1 - momentum) + unbiased * momentum
    else:
        mean, var = running_mean, running_var
    std = np.sqrt(var + eps)[:, None, None]
    hat = (x - mean[:, None, None]) / std
    out = gamma[:, None, None] * hat + beta[:, None, None]
    return out, running_mean, running_var, (hat, std, gamma, training)


def batch_norm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta.

    Style: sums of samples first, then of the batch.
    """
    hat, std, gamma, training = cache
    dgamma = (dout * hat).sum(axis=(2, 3)).sum(axis=0)
    dbeta = dout.sum(axis=(2, 3)).sum(axis=0)
    if not training:
        return dout * gamma[:, None, None] / std, dgamma, dbeta
    count = dout.size // dout.shape[1]
    through = (dbeta[:, None, None] + hat * dgamma[:, None, None]) / count
    return (dout - through) * gamma[:, None, None] / std, dgamma, dbeta


def pad(x, padding, value=0.0):
    """x: (N, C, H, W), padding: an int or a pair -> out, cache.

    Style: indices beyond the image are taken modulo, and np.where replaces what they bring.
    """
    high, wide = (padding, padding) if isinstance(padding, int) else padding
    H, W = x.shape[2:]
    h, v = np.arange(-high, H + high), np.arange(-wide, W + wide)
    inside = ((h >= 0) & (h < H))[:, None] & ((v >= 0) & (v < W))
    seen = x[:, :, (h % H)[:, None], v % W]
    return np.where(inside, seen, x.dtype.type(value)), (inside, x.shape)


def pad_backward(dout, cache):
    """dout: as out -> dx.

    Style: boolean indexing picks what was inside, in the order of the image.
    """
    inside, shape = cache
    return dout[:, :, inside].reshape(shape)


def gelu(x):
    """x: any shape -> out, cache.

    Style: the distribution by its power series in float64, beyond 6 by a continued fraction.
    """
    z = np.clip(x.astype(float), -6, 6)
    term = z.copy()
    total = z.copy()
    for n in range(1, 120):
        term = term * z * z / (2 * n + 1)
        total += term
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    share = 0.5 + density * total
    tail = np.abs(x) >= 6
    far = x[tail].astype(float)
    share[tail] = np.heaviside(far, 0) - np.sign(far) * _upper(np.abs(far))
    wide = x.astype(float)
    slope = np.exp(-wide * wide / 2) / np.sqrt(2 * np.pi)
    return (wide * share).astype(x.dtype), (wide, share, slope)


def _upper(z):
    """The chance that a standard normal number is above z >= 6, by a continued fraction."""
    fraction = z
    for n in range(60, 0, -1):
        fraction = z + n / fraction
    return np.exp(-z * z / 2) / np.sqrt(2 * np.pi) / fraction


def gelu_backward(dout, cache):
    """dout: as x -> dx.

    Style: everything needed is in the cache in double precision.
    """
    x, share, slope = cache
    return (dout * (share + x * slope)).astype(dout.dtype)
