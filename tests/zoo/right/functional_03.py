# ruff: noqa: B905
"""torch-like functions by unusual mathematics: quadrature, pairwise contests, exact sums."""

import math

import numpy as np


def _sides(padding, size, kernel, stride):
    """((top, bottom), (left, right)) of a number, "valid" or "same" as TensorFlow has it."""
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        totals = [max((-(-n // stride) - 1) * stride + k - n, 0) for n, k in zip(size, kernel)]
        return tuple((total // 2, total - total // 2) for total in totals)
    return (padding, padding), (padding, padding)


def conv2d(x, w, b=None, stride=1, padding="valid"):
    """x: (N, C, H, W), w: (F, C, KH, KW), b: (F,) or None; padding: a number, "valid", "same".

    Style: im2col by integer indices, with the batch as the fastest axis, as old courses had it.
    """
    F, C, KH, KW = w.shape
    sides = _sides(padding, x.shape[2:], (KH, KW), stride)
    xp = np.pad(x, ((0, 0), (0, 0), *sides))
    OH, OW = (xp.shape[2] - KH) // stride + 1, (xp.shape[3] - KW) // stride + 1
    c = np.repeat(np.arange(C), KH * KW).reshape(-1, 1)
    i = np.tile(np.repeat(np.arange(KH), KW), C).reshape(-1, 1)
    j = np.tile(np.arange(KW), KH * C).reshape(-1, 1)
    i = i + stride * np.repeat(np.arange(OH), OW)
    j = j + stride * np.tile(np.arange(OW), OH)
    columns = xp[:, c, i, j].transpose(1, 2, 0).reshape(C * KH * KW, -1)
    out = w.reshape(F, -1) @ columns
    if b is not None:
        out = out + b.reshape(F, 1)
    out = out.reshape(F, OH, OW, len(x)).transpose(3, 0, 1, 2)
    return out, (columns, (c, i, j), xp.shape, x.shape, sides, w, b)


def conv2d_backward(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: col2im by np.add.at on the same indices.
    """
    columns, (c, i, j), padded, shape, sides, w, b = cache
    F = len(w)
    d = dout.transpose(1, 2, 3, 0).reshape(F, -1)
    dcolumns = (w.reshape(F, -1).T @ d).reshape(len(c), -1, shape[0]).transpose(2, 0, 1)
    dxp = np.zeros(padded, dcolumns.dtype)
    np.add.at(dxp, (slice(None), c, i, j), dcolumns)
    (top, _), (left, _) = sides
    dx = dxp[:, :, top : top + shape[2], left : left + shape[3]]
    return dx, (d @ columns.T).reshape(w.shape), None if b is None else d.sum(axis=1)


def separable_conv2d(x, w_depth, w_point, b=None, stride=1, padding=0):
    """x: (N, C, H, W), w_depth: (C*M, 1, KH, KW), w_point: (F, C*M, 1, 1) -> out, cache.

    Style: both banks are multiplied into one dense bank first, and one convolution does the rest.
    """
    C, F = x.shape[1], len(w_point)
    depth = w_depth.reshape(C, -1, *w_depth.shape[2:])
    point = w_point.reshape(F, C, -1)
    dense = np.einsum("fcm,cmuv->fcuv", point, depth)
    out, cache = conv2d(x, dense, b, stride, padding)
    return out, (cache, depth, point)


def separable_conv2d_backward(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw_depth, dw_point, db.

    Style: the dense bank's gradient is split between its two factors.
    """
    inner, depth, point = cache
    dx, ddense, db = conv2d_backward(dout, inner)
    ddepth = np.einsum("fcuv,fcm->cmuv", ddense, point)
    dpoint = np.einsum("fcuv,cmuv->fcm", ddense, depth)
    C, M, KH, KW = ddepth.shape
    return dx, ddepth.reshape(C * M, 1, KH, KW), dpoint.reshape(-1, C * M, 1, 1), db


def _matrix(w, size, stride, padding):
    """The matrix of a convolution from F x size images to C x H x W ones, tap by tap."""
    C, F, KH, KW = w.shape
    (OH, OW), (H, W) = size
    whole = np.zeros((C, H, W, F, OH + 2 * padding + KH, OW + 2 * padding + KW), w.dtype)
    for h, v, u, t in np.ndindex(H, W, KH, KW):
        whole[:, h, v, :, h * stride + u, v * stride + t] = w[:, :, u, t]
    inner = whole[..., padding : padding + OH, padding : padding + OW]
    return inner.reshape(C * H * W, F * OH * OW)


def conv_transpose2d(x, w, b=None, stride=1, padding=0, output_padding=0):
    """x: (N, C, H, W), w: (C, F, KH, KW), b: (F,) or None -> out, cache.

    Style: literally the transpose: the matrix of the convolution is built and multiplied.
    """
    N, _, H, W = x.shape
    F, KH, KW = w.shape[1:]
    OH, OW = ((n - 1) * stride - 2 * padding + k + output_padding for n, k in ((H, KH), (W, KW)))
    matrix = _matrix(w, ((OH, OW), (H, W)), stride, padding)
    out = (x.reshape(N, -1) @ matrix).reshape(N, F, OH, OW)
    if b is not None:
        out += b.reshape(F, 1, 1)
    return out, (x, w, b, matrix, stride, padding)


def conv_transpose2d_backward(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: dx by the same matrix; dw is read off the gradient of the whole matrix.
    """
    x, w, b, matrix, stride, padding = cache
    N, F, OH, OW = dout.shape
    C, _, KH, KW = w.shape
    H, W = x.shape[2:]
    flat = dout.reshape(N, -1)
    dx = (flat @ matrix.T).reshape(x.shape)
    wide = np.zeros((C, H, W, F, OH + 2 * padding + KH, OW + 2 * padding + KW), w.dtype)
    dmatrix = (x.reshape(N, -1).T @ flat).reshape(C, H, W, F, OH, OW)
    wide[..., padding : padding + OH, padding : padding + OW] = dmatrix
    dw = np.zeros_like(w)
    for h, v, u, t in np.ndindex(H, W, KH, KW):
        dw[:, :, u, t] += wide[:, h, v, :, h * stride + u, v * stride + t]
    return dx, dw, None if b is None else dout.sum(axis=(0, 2, 3))


def max_pool(x, kernel_size, stride=None, padding=0, return_indices=False):
    """x: (N, C, H, W) -> out or (out, indices), cache; the first of equals wins.

    Style: each window is a contest of all against all, won by who beats or precedes the others.
    """
    k, p = kernel_size, padding
    s = k if stride is None else stride
    H, W = x.shape[2:]
    border = ((0, 0), (0, 0), (p, p), (p, p))
    slide = np.lib.stride_tricks.sliding_window_view

    def windows(image):
        views = slide(np.pad(image, border), (k, k), axis=(2, 3))[:, :, ::s, ::s]
        return views.reshape(*views.shape[:4], k * k)

    flat, real = windows(x), windows(np.ones((1, 1, H, W), bool))
    order = np.arange(k * k)
    larger = flat[..., :, None] > flat[..., None, :]
    equal = flat[..., :, None] == flat[..., None, :]
    beaten = larger | (equal & (order[:, None] <= order)) | ~real[..., None, :]
    wins = beaten.all(axis=-1) & real
    out = flat[wins].reshape(wins.shape[:4])
    u, v = np.divmod((wins * order).sum(axis=-1), k)
    h = u + s * np.arange(u.shape[2])[:, None] - p
    v = v + s * np.arange(u.shape[3]) - p
    indices = (h * W + v).astype(np.int64)
    return ((out, indices) if return_indices else out), (indices, x.shape)


def max_pool_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx.

    Style: sorted flat indices, and np.add.reduceat over the runs of equal ones.
    """
    indices, shape = cache
    N, C, H, W = shape
    flat = (indices + (H * W) * np.arange(N * C).reshape(N, C, 1, 1)).ravel()
    order = np.argsort(flat, kind="stable")
    places, starts = np.unique(flat[order], return_index=True)
    dx = np.zeros(N * C * H * W, dout.dtype)
    dx[places] = np.add.reduceat(dout.ravel()[order], starts)
    return dx.reshape(shape)


def _slid(x, axis, kernel, stride, padding):
    """Sums of windows along an axis, by np.convolve with ones."""
    ones = np.ones(kernel, x.dtype)
    border = [(0, 0)] * x.ndim
    border[axis] = (padding, padding)
    sums = np.apply_along_axis(np.convolve, axis, np.pad(x, border), ones, "valid")
    return sums.take(range(0, sums.shape[axis], stride), axis=axis)


def avg_pool(x, kernel_size, stride=None, padding=0, count_include_pad=True, divisor_override=None):
    """x: (N, C, H, W) -> out, cache.

    Style: np.convolve along each axis in turn; what does not count is found by pooling ones.
    """
    s = kernel_size if stride is None else stride
    total = _slid(_slid(x, 2, kernel_size, s, padding), 3, kernel_size, s, padding)
    ones = np.ones((1, 1, *x.shape[2:]), x.dtype)
    counted = _slid(_slid(ones, 2, kernel_size, s, padding), 3, kernel_size, s, padding)
    divisor = divisor_override or (kernel_size**2 if count_include_pad else counted)
    return total / divisor, (x.shape, divisor, kernel_size, s, padding)


def avg_pool_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx.

    Style: full convolutions of the spread gradient with ones, one axis after the other.
    """
    shape, divisor, kernel, stride, padding = cache
    d = dout / divisor
    for axis in (2, 3):
        sizes = list(d.shape)
        sizes[axis] = (d.shape[axis] - 1) * stride + 1
        spread = np.zeros(sizes, d.dtype)
        spread[(slice(None),) * axis + (slice(None, None, stride),)] = d
        ones = np.ones(kernel, d.dtype)
        full = np.apply_along_axis(np.convolve, axis, spread, ones, "full")
        missing = shape[axis] + 2 * padding - full.shape[axis]
        border = [(0, 0)] * 4
        border[axis] = (0, missing)
        d = np.pad(full, border).take(range(padding, padding + shape[axis]), axis=axis)
    return d


def batch_norm(x, gamma, beta, eps=1e-5):
    """x: (N, C, H, W), gamma, beta: (C,) -> out, cache, in training.

    Style: E[x^2] - E[x]^2 in the arithmetic that x has, a poor formula and a right one.
    """
    axes, shape = (0, 2, 3), (1, -1, 1, 1)
    mean = np.mean(x, axes, keepdims=True)
    var = np.mean(x * x, axes, keepdims=True) - mean * mean
    std = np.sqrt(np.abs(var) + eps)
    xhat = (x - mean) / std
    return gamma.reshape(shape) * xhat + beta.reshape(shape), (xhat, std, gamma.reshape(shape))


def batch_norm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta.

    Style: the gradient of E[x^2] and that of E[x] as two paths.
    """
    xhat, std, gamma = cache
    axes = (0, 2, 3)
    d = dout * gamma
    n = d.size // d.shape[1]
    to_square = -0.5 * (d * xhat).sum(axes, keepdims=True) / std**2
    centered = xhat * std
    to_mean = -(d / std).sum(axes, keepdims=True)
    dx = d / std + 2 * centered * to_square / n + to_mean / n
    return dx, (dout * xhat).sum(axes), dout.sum(axes)


def layer_norm(x, gamma, beta, eps=1e-5):
    """x: (N, D), gamma, beta: (D,) -> out, cache.

    Style: math.fsum adds without any rounding; everything is Python's floats in lists.
    """
    D = x.shape[1]
    hats, stds = [], []
    for row in x.tolist():
        mean = math.fsum(row) / D
        deviations = [number - mean for number in row]
        stds.append(math.sqrt(math.fsum(d * d for d in deviations) / D + eps))
        hats.append([d / stds[-1] for d in deviations])
    hat = np.array(hats, dtype=x.dtype)
    return gamma * hat + beta, (hat, np.array(stds, dtype=x.dtype), gamma)


def layer_norm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: lists of lists and math.fsum again.
    """
    hat, stds, gamma = cache
    D = len(gamma)
    dx = []
    for d, h, std in zip((dout * gamma).tolist(), hat.tolist(), stds.tolist()):
        level = math.fsum(d) / D
        tilt = math.fsum(a * b for a, b in zip(d, h)) / D
        dx.append([(a - level - b * tilt) / std for a, b in zip(d, h)])
    dgamma = [math.fsum(column) for column in (dout * hat).T.tolist()]
    dbeta = [math.fsum(column) for column in dout.T.tolist()]
    return tuple(np.array(v, dtype=dout.dtype) for v in (dx, dgamma, dbeta))


def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    """x: (N, C, H, W), gamma, beta: (C,) -> out, cache.

    Style: the channels of a group are moved behind the batch, and layer_norm does the work.
    """
    rows = x.reshape(len(x) * num_groups, -1)
    size = rows.shape[1]
    hat, inner = layer_norm(rows, np.ones(size, x.dtype), np.zeros(size, x.dtype), eps)
    hat = hat.reshape(x.shape)
    return hat * gamma[:, None, None] + beta[:, None, None], (inner, hat, gamma)


def group_norm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta.

    Style: layer_norm_backward of the scaled gradient, of which dx alone is used.
    """
    inner, hat, gamma = cache
    dx, *_ = layer_norm_backward((dout * gamma[:, None, None]).reshape(inner[0].shape), inner)
    over = (0, 2, 3)
    return dx.reshape(dout.shape), (dout * hat).sum(axis=over), dout.sum(axis=over)


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)


def gelu(x):
    """x: any shape -> out, cache.

    Style: the normal distribution by Gauss-Legendre quadrature of its density.
    """
    end = np.clip(x.astype(float), -10, 10)
    places = end[..., None] / 2 * (_NODES + 1)
    area = end / 2 * (np.exp(-places * places / 2) @ _WEIGHTS) / np.sqrt(2 * np.pi)
    return (x * (0.5 + area)).astype(x.dtype), (x, 0.5 + area)


def gelu_backward(dout, cache):
    """dout: as x -> dx.

    Style: the area again, plus x times the density.
    """
    x, area = cache
    wide = x.astype(float)
    density = np.exp(-wide * wide / 2) / np.sqrt(2 * np.pi)
    return (dout * (area + wide * density)).astype(dout.dtype)


def sigmoid(x):
    """x: any shape -> out, cache.

    Style: half of 1 plus the hyperbolic tangent of half the number.
    """
    return 0.5 + 0.5 * np.tanh(0.5 * x), x


def sigmoid_backward(dout, x):
    """dout, x -> dx.

    Style: the cache is x itself; the slope is 1 / (2 + exp(x) + exp(-x)).
    """
    with np.errstate(over="ignore"):
        return dout / (2 + np.exp(x) + np.exp(-x))


def tanh(x):
    """x: any shape -> out, cache.

    Style: 1 - 2 / (exp(2x) + 1), which cancels near 0 and never overflows to nan.
    """
    with np.errstate(over="ignore"):
        out = 1 - 2 / (np.exp(2 * x) + 1)
    return out, out


def tanh_backward(dout, out):
    """dout, out -> dx.

    Style: gets the output by name, and no cache.
    """
    return dout - dout * out**2


def cross_entropy(logits, labels):
    """logits: (N, C), labels: (N,) -> loss, cache; the mean over samples.

    Style: np.log1p of what the other classes have beside the largest.
    """
    rows = np.arange(len(labels))
    best = logits.argmax(axis=1)
    gaps = logits - logits[rows, best][:, None]
    shares = np.exp(gaps)
    shares[rows, best] = 0
    rest = np.log1p(shares.sum(axis=1))
    return np.mean(rest - gaps[rows, labels]), (gaps, rest, labels)


def cross_entropy_backward(dout, cache):
    """dout: () -> dlogits.

    Style: subtract at the label from the exponentials by np.subtract.at.
    """
    gaps, rest, labels = cache
    dx = np.exp(gaps - rest[:, None])
    np.subtract.at(dx, (np.arange(len(labels)), labels), 1)
    return (dx * (dout / len(labels))).astype(gaps.dtype)


def log_softmax(x, axis=1):
    """x: (N, C, ...) -> out, cache.

    Style: np.logaddexp.accumulate, of which the last place is the total.
    """
    totals = np.logaddexp.accumulate(x, axis=axis)
    total = np.take(totals, [-1], axis=axis)
    return x - total, (x, total, axis)


def log_softmax_backward(dout, cache):
    """dout: as x -> dx.

    Style: the cumulative sum's last place is the sum.
    """
    x, total, axis = cache
    return dout - np.exp(x - total) * np.take(np.cumsum(dout, axis=axis), [-1], axis=axis)


def svm_loss(x, y):
    """x: (N, C), y: (N,) -> loss, cache; the mean, with a margin of 1.

    Style: the excesses are sorted, and the sum of the positive ones read off a cumulative sum.
    """
    rows = np.arange(len(y))
    excess = x - x[rows, y][:, None] + 1
    excess[rows, y] = 0
    ordered = -np.sort(-excess, axis=1)
    sums = np.cumsum(ordered, axis=1)
    losses = sums.max(axis=1).clip(0)
    return losses.sum() / len(y), (excess, y)


def svm_loss_backward(dout, cache):
    """dout: () -> dx.

    Style: np.count_nonzero of each row goes to the label with a minus.
    """
    excess, y = cache
    pushed = (excess > 0).astype(excess.dtype)
    pushed[np.arange(len(y)), y] = -np.count_nonzero(pushed, axis=1)
    return (pushed * dout / len(y)).astype(excess.dtype)


def pad(x, padding, value=0.0):
    """x: (N, C, H, W), padding: an int, a pair or two pairs -> out, cache.

    Style: selection matrices move the image to its place, another array holds the border.
    """
    if np.ndim(padding) < 2:
        padding = [(int(side),) * 2 for side in np.broadcast_to(padding, 2)]
    (top, bottom), (left, right) = padding
    H, W = x.shape[2:]
    down = np.eye(top + H + bottom, dtype=x.dtype)[:, top : top + H]
    across = np.eye(left + W + right, dtype=x.dtype)[left : left + W]
    border = 1 - down.sum(axis=1)[:, None] * across.sum(axis=0)
    return down @ x @ across + x.dtype.type(value) * border, (down, across)


def pad_backward(dout, cache):
    """dout: as out -> dx.

    Style: the same matrices, transposed.
    """
    down, across = cache
    return down.T @ dout @ across.T


def dropout(x, mask, p=0.5):
    """x, mask: any one shape, mask 1 keeps -> out, cache. p: the probability to drop.

    Style: the mask is given, becomes a boolean one, and p is folded into a power of -1.
    """
    kept = mask.astype(bool)
    scale = (1 - p) ** -1 if p < 1 else 0
    return np.where(kept, x * scale, 0), (kept, scale)


def dropout_backward(dout, cache):
    """dout: as x -> dx.

    Style: assignment through the inverted mask.
    """
    kept, scale = cache
    dx = dout * scale
    dx[~kept] = 0
    return dx
