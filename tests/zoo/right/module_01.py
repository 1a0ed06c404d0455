# ruff: noqa: B905
"""A module with the reference layers' signatures: polyphase images, ranks, coordinate lists."""

import math

import numpy as np


def _two(value):
    return (int(value),) * 2 if np.ndim(value) == 0 else tuple(int(v) for v in value)


def _sides(padding, size, span, stride):
    """Every form of padding as ((top, bottom), (left, right))."""
    match padding:
        case "valid":
            return ((0, 0), (0, 0))
        case "same" | "same_lower":
            found = []
            for n, k, s in zip(size, span, stride):
                total = max(k - s if n % s == 0 else k - n % s, 0)
                less, more = total // 2, total - total // 2
                found.append((less, more) if padding == "same" else (more, less))
            return tuple(found)
        case [[_, _], [_, _]]:
            return tuple(tuple(int(v) for v in side) for side in padding)
        case _:
            return tuple((p, p) for p in _two(padding))


def _many(size, sides, span, stride, ceil=False):
    spare = size + sum(sides) - span
    many = (-(-spare // stride) if ceil else spare // stride) + 1
    return many - 1 if ceil and (many - 1) * stride >= size + sides[0] else many


def _phases(padded, stride, blocks):
    """(N, G, c, H, W) -> (s0, s1, N, G, c, blocks0, blocks1): every s-th row and column apart."""
    whole = np.zeros((*padded.shape[:3], *(b * s for b, s in zip(blocks, stride))), padded.dtype)
    h, w = (min(a, b) for a, b in zip(padded.shape[3:], whole.shape[3:]))
    whole[..., :h, :w] = padded[..., :h, :w]
    N, G, c = padded.shape[:3]
    cut = whole.reshape(N, G, c, blocks[0], stride[0], blocks[1], stride[1])
    return cut.transpose(4, 6, 0, 1, 2, 3, 5)


def conv2d(x, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """As ref_layers.conv2d.

    Style: polyphase; the image is dealt out to stride x stride small ones, read at stride 1.
    """
    s, d, kernel = _two(stride), _two(dilation), w.shape[2:]
    span = [(k - 1) * e + 1 for k, e in zip(kernel, d)]
    sides = _sides(padding, x.shape[2:], span, s)
    N, C, *size = x.shape
    F = len(w)
    out_size = [_many(n, p, k, t) for n, p, k, t in zip(size, sides, span, s)]
    padded = np.pad(x, ((0, 0), (0, 0), *sides)).reshape(
        N, groups, C // groups, *(n + sum(p) for n, p in zip(size, sides))
    )
    blocks = [o + (k - 1) // t for o, k, t in zip(out_size, span, s)]
    phases = _phases(padded, s, blocks)
    bank = w.reshape(groups, F // groups, -1, *kernel)
    out = np.zeros((N, groups, F // groups, *out_size), x.dtype)
    for u, v in np.ndindex(*kernel):
        (i, a), (j, e) = divmod(u * d[0], s[0]), divmod(v * d[1], s[1])
        seen = phases[a, e][..., i : i + out_size[0], j : j + out_size[1]]
        out += np.einsum("gfc,ngchw->ngfhw", bank[..., u, v], seen)
    out = out.reshape(N, F, *out_size)
    if b is not None:
        out += b[:, None, None]
    return out, (phases, bank, b, s, d, sides, x.shape, padded.shape)


def conv2d_backward(dout, cache):
    """As ref_layers.conv2d_backward.

    Style: gradients of the small images, dealt back into the large one.
    """
    phases, bank, b, s, d, sides, shape, padded = cache
    groups, f = bank.shape[:2]
    g = dout.reshape(shape[0], groups, f, *dout.shape[2:])
    dphases, dbank = np.zeros_like(phases), np.zeros_like(bank)
    for u, v in np.ndindex(*bank.shape[3:]):
        (i, a), (j, e) = divmod(u * d[0], s[0]), divmod(v * d[1], s[1])
        box = (a, e, ..., slice(i, i + g.shape[3]), slice(j, j + g.shape[4]))
        dphases[box] += np.einsum("gfc,ngfhw->ngchw", bank[..., u, v], g)
        dbank[..., u, v] = np.einsum("ngfhw,ngchw->gfc", g, phases[box])
    N, G, c = padded[:3]
    rows, columns = dphases.shape[5] * s[0], dphases.shape[6] * s[1]
    dealt = dphases.transpose(2, 3, 4, 5, 0, 6, 1).reshape(N, G * c, rows, columns)
    whole = np.zeros((N, G * c, max(rows, padded[3]), max(columns, padded[4])), dout.dtype)
    whole[..., :rows, :columns] = dealt
    (top, _), (left, _) = sides
    dx = whole[..., top : top + shape[2], left : left + shape[3]]
    dw = dbank.reshape(groups * f, *bank.shape[2:])
    return dx, dw, None if b is None else dout.sum(axis=(0, 2, 3))


def max_pool(
    x, *, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """As ref_layers.max_pool.

    Style: pixels are ranked once; windows pool whole-number ranks, of which no two are equal.
    """
    k, d = _two(kernel_size), _two(dilation)
    s = k if stride is None else _two(stride)
    N, C, H, W = x.shape
    span = [(n - 1) * e + 1 for n, e in zip(k, d)]
    sides = _sides(padding, (H, W), span, s)
    flat = x.reshape(N, C, H * W)
    falling = np.broadcast_to(-np.arange(H * W), flat.shape)
    order = np.lexsort((falling, flat), axis=-1)  # the last is the first of the largest
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(H * W), order.shape), axis=-1)
    OH, OW = (_many(n, p, e, t, ceil_mode) for n, p, e, t in zip((H, W), sides, span, s))
    whole = np.full(
        (N, C, (OH - 1) * s[0] + span[0], (OW - 1) * s[1] + span[1]), -1, dtype=np.int64
    )
    (top, _), (left, _) = sides
    h, w = min(H, whole.shape[2] - top), min(W, whole.shape[3] - left)
    whole[:, :, top : top + h, left : left + w] = ranks.reshape(x.shape)[:, :, :h, :w]
    best = np.full((N, C, OH, OW), -1)
    for u, v in np.ndindex(*k):
        rows = slice(u * d[0], u * d[0] + (OH - 1) * s[0] + 1, s[0])
        columns = slice(v * d[1], v * d[1] + (OW - 1) * s[1] + 1, s[1])
        np.maximum(best, whole[:, :, rows, columns], out=best)
    winner = np.take_along_axis(order, best.reshape(N, C, -1), axis=-1)
    out = np.take_along_axis(flat, winner, axis=-1).reshape(best.shape)
    indices = winner.reshape(best.shape)
    return ((out, indices.astype(np.int64)) if return_indices else out), (indices, x.shape)


def max_pool_backward(dout, cache):
    """As ref_layers.max_pool_backward.

    Style: np.add.at of flat planes.
    """
    indices, (N, C, H, W) = cache
    dx = np.zeros((N * C, H * W), dout.dtype)
    np.add.at(dx, (np.arange(N * C)[:, None], indices.reshape(N * C, -1)), dout.reshape(N * C, -1))
    return dx.reshape(N, C, H, W)


def avg_pool(
    x,
    *,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """As ref_layers.avg_pool.

    Style: a list of coordinates, (output, pixel, share), as of a sparse matrix; np.bincount sums.
    """
    k = _two(kernel_size)
    s = k if stride is None else _two(stride)
    N, C, H, W = x.shape
    sides = _sides(padding, (H, W), k, s)
    OH, OW = (_many(n, p, e, t, ceil_mode) for n, p, e, t in zip((H, W), sides, k, s))
    rows, columns, shares = [], [], []
    for i, j in np.ndindex(OH, OW):
        top, left = i * s[0] - sides[0][0], j * s[1] - sides[1][0]
        pixels = [
            (h, v)
            for h in range(max(top, 0), min(top + k[0], H))
            for v in range(max(left, 0), min(left + k[1], W))
        ]
        divisor = len(pixels)
        if count_include_pad:
            tall = min(top + k[0], H + sides[0][1]) - top
            divisor = tall * (min(left + k[1], W + sides[1][1]) - left)
        if divisor_override is not None:
            divisor = divisor_override
        for h, v in pixels:
            rows.append(i * OW + j)
            columns.append(h * W + v)
            shares.append(1 / divisor)
    entries = np.array(rows), np.array(columns), np.array(shares)
    planes = [
        np.bincount(entries[0], plane[entries[1]] * entries[2], OH * OW)
        for plane in x.reshape(N * C, H * W)
    ]
    return np.array(planes).reshape(N, C, OH, OW).astype(x.dtype), (entries, x.shape)


def avg_pool_backward(dout, cache):
    """As ref_layers.avg_pool_backward.

    Style: the same list with rows and columns exchanged.
    """
    (rows, columns, shares), (N, C, H, W) = cache
    planes = [
        np.bincount(columns, plane[rows] * shares, H * W) for plane in dout.reshape(N * C, -1)
    ]
    return np.array(planes).reshape(N, C, H, W).astype(dout.dtype)


def batch_norm(
    x,
    gamma=None,
    beta=None,
    running_mean=None,
    running_var=None,
    *,
    training=True,
    momentum=0.1,
    eps=1e-5,
    unbiased_running_var=True,
):
    """As ref_layers.batch_norm.

    Style: np.cov of each channel's numbers, biased or not as it is asked for.
    """
    rows = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)
    along = (1, -1) + (1,) * (x.ndim - 2)
    batch = training or running_mean is None
    mean = rows.mean(axis=1) if batch else running_mean
    var = np.array([np.cov(row, bias=True) for row in rows], x.dtype) if batch else running_var
    std = np.sqrt(var + eps).reshape(along)
    hat = (x - mean.reshape(along)) / std
    out = hat if gamma is None else hat * gamma.reshape(along)
    out = out if beta is None else out + beta.reshape(along)
    cache = (hat, std, gamma, beta, training)
    if not training or running_mean is None:
        return out, cache
    spread = np.array([np.cov(row, ddof=int(unbiased_running_var)) for row in rows], x.dtype)
    moved = [
        old + momentum * (new - old) for old, new in ((running_mean, mean), (running_var, spread))
    ]
    return (out, *moved), cache


def batch_norm_backward(dout, cache):
    """As ref_layers.batch_norm_backward.

    Style: least squares; what a line through xhat explains of the gradient is subtracted.
    """
    hat, std, gamma, beta, training = cache
    C = dout.shape[1]
    rows, hats = (np.moveaxis(v, 1, 0).reshape(C, -1) for v in (dout, hat))
    scaled = rows if gamma is None else rows * gamma[:, None]
    if training:
        level, tilt = scaled.mean(axis=1), np.mean(scaled * hats, axis=1)
        scaled = scaled - (level[:, None] + tilt[:, None] * hats)
    shape = (C, dout.shape[0], *dout.shape[2:])
    dx = np.moveaxis(scaled.reshape(shape), 0, 1) / std
    dgamma = None if gamma is None else (rows * hats).sum(axis=1)
    return dx, dgamma, None if beta is None else rows.sum(axis=1)


def layer_norm(x, gamma=None, beta=None, *, normalized_dims=1, eps=1e-5):
    """As ref_layers.layer_norm.

    Style: the corrected two-pass variance, which subtracts what rounding left in the mean.
    """
    axes = tuple(range(x.ndim - normalized_dims, x.ndim))
    size = math.prod(x.shape[a] for a in axes)
    centered = x - x.mean(axis=axes, keepdims=True)
    left = centered.sum(axis=axes, keepdims=True)
    var = ((centered**2).sum(axis=axes, keepdims=True) - left**2 / size) / size
    inv = 1 / np.sqrt(var + eps)
    hat = (centered - left / size) * inv
    out = (1 if gamma is None else gamma) * hat + (0 if beta is None else beta)
    return out, (hat, inv, gamma, beta, axes)


def layer_norm_backward(dout, cache):
    """As ref_layers.layer_norm_backward.

    Style: a loop over places of the leading axes.
    """
    hat, inv, gamma, beta, axes = cache
    leading = dout.ndim - len(axes)
    dx = np.empty_like(dout)
    dgamma, dbeta = np.zeros(dout.shape[leading:], dout.dtype), np.zeros_like(dout[(0,) * leading])
    for place in np.ndindex(*dout.shape[:leading]):
        d, h = dout[place], hat[place]
        dgamma += d * h
        dbeta += d
        d = d if gamma is None else d * gamma
        dx[place] = (d - d.mean() - h * (d * h).mean()) * inv[place]
    return dx, None if gamma is None else dgamma, None if beta is None else dbeta


def softmax(x, *, dim=-1):
    """As ref_layers.softmax.

    Style: the powers are sorted before they are added, the smallest first.
    """
    powers = np.exp(x - x.max(axis=dim, keepdims=True))
    total = np.sort(powers, axis=dim).sum(axis=dim, keepdims=True)
    out = powers / total
    return out, (out, dim)


def softmax_backward(dout, cache):
    """As ref_layers.softmax_backward.

    Style: centers the gradient with its weighted mean, by np.average.
    """
    out, dim = cache
    mean = np.average(dout, axis=dim, weights=out)
    return out * (dout - np.expand_dims(mean, dim))


def log_softmax(x, *, dim=-1):
    """As ref_layers.log_softmax.

    Style: pairs are merged by np.logaddexp until one is left along the axis.
    """
    parts = [np.take(x, [i], axis=dim) for i in range(x.shape[dim])]
    while len(parts) > 1:
        parts.append(np.logaddexp(parts.pop(0), parts.pop(0)))
    return x - parts[0], (x - parts[0], dim)


def log_softmax_backward(dout, cache):
    """As ref_layers.log_softmax_backward.

    Style: the sum is a product with a vector of ones on a moved axis.
    """
    out, dim = cache
    last = np.moveaxis(dout, dim, -1)
    total = np.moveaxis(last @ np.ones((last.shape[-1], 1), dout.dtype), -1, dim)
    return dout - total * np.exp(out)


def softmax_cross_entropy(x, y, *, reduction="mean", label_smoothing=0.0, ignore_index=-100):
    """As ref_layers.softmax_cross_entropy.

    Style: only the samples that count are computed at all; the others are filled in afterwards.
    """
    kept = np.flatnonzero(y != ignore_index)
    scores, labels = x[kept], y[kept]
    total = np.logaddexp.reduce(scores, axis=1)
    own = scores[np.arange(len(kept)), labels]
    surprise = total - (1 - label_smoothing) * own - label_smoothing * scores.mean(axis=1)
    if reduction == "none":
        out = np.zeros(len(y), x.dtype)
        out[kept] = surprise
    else:
        out = np.asarray(surprise.sum() / (len(kept) if reduction == "mean" else 1), x.dtype)
    return out, (x, kept, labels, total, label_smoothing, reduction)


def softmax_cross_entropy_backward(dout, cache):
    """As ref_layers.softmax_cross_entropy_backward.

    Style: rows of zeros, and the kept ones put there by a list of indices.
    """
    x, kept, labels, total, smoothing, reduction = cache
    rows = np.exp(x[kept] - total[:, None]) - smoothing / x.shape[1]
    rows[np.arange(len(kept)), labels] -= 1 - smoothing
    scale = dout[kept][:, None] if reduction == "none" else dout
    dx = np.zeros_like(x)
    dx[kept] = rows * scale / (len(kept) if reduction == "mean" else 1)
    return dx


def relu(x):
    """As ref_layers.relu.

    Style: np.maximum with a reversed argument order and an array of zeros that broadcasts.
    """
    return np.maximum(np.zeros((1,) * x.ndim, x.dtype), x), np.nonzero(x > 0)


def relu_backward(dout, cache):
    """As ref_layers.relu_backward.

    Style: index tuples of the numbers that were on.
    """
    dx = np.zeros_like(dout)
    dx[cache] = dout[cache]
    return dx


def sigmoid(x):
    """As ref_layers.sigmoid.

    Style: np.reciprocal of 1 + exp(-x), where exp may well be infinite.
    """
    with np.errstate(over="ignore"):
        out = np.reciprocal(1 + np.exp(-x))
    return out, out


def sigmoid_backward(dout, cache):
    """As ref_layers.sigmoid_backward.

    Style: np.multiply.reduce over a list of three arrays.
    """
    return np.multiply.reduce([dout, cache, 1 - cache])


_ERF = np.polynomial.Chebyshev.interpolate(np.vectorize(math.erf), 160, domain=[-6.5, 6.5])


def gelu(x, *, approximate="none"):
    """As ref_layers.gelu.

    Style: erf by a Chebyshev series that was fitted when the module was imported.
    """
    wide = x.astype(float)
    if approximate == "tanh":
        scale, cubic = (2 / np.pi) ** 0.5, 0.044715
        t = np.tanh(np.polynomial.polynomial.polyval(wide, [0, scale, 0, scale * cubic]))
        share = 0.5 + 0.5 * t
        slope = 0.5 * (1 - t) * (1 + t) * scale * (1 + 3 * cubic * wide**2)
    else:
        share = 0.5 + 0.5 * _ERF(np.clip(wide / np.sqrt(2), -6.5, 6.5))
        slope = np.exp(-0.5 * wide**2) / np.sqrt(2 * np.pi)
    return (wide * share).astype(x.dtype), (wide, share, slope)


def gelu_backward(dout, cache):
    """As ref_layers.gelu_backward.

    Style: double precision, cast to what the gradient has.
    """
    x, share, slope = cache
    return ((share + x * slope) * dout).astype(dout.dtype)


def dropout(x, mask=None, *, p=0.5, training=True, mask_seed=0):
    """As ref_layers.dropout.

    Style: the scale is in the mask; outside training the mask is a 1 without dimensions.
    """
    if not training:
        factor = np.ones((), x.dtype)
    else:
        if mask is None:
            mask = np.random.RandomState(mask_seed).random_sample(x.shape) >= p
        factor = np.asarray(mask, x.dtype) * x.dtype.type(0 if p == 1 else 1 / (1 - p))
    return x * factor, factor


def dropout_backward(dout, cache):
    """As ref_layers.dropout_backward.

    Style: one product, with whatever the forward multiplied.
    """
    return dout * cache


def pad(x, *, padding, value=0.0):
    """As ref_layers.pad.

    Style: two calls of np.insert for each axis.
    """
    sides = _sides(padding, x.shape[2:], (1, 1), (1, 1))
    out = x
    for axis, (before, after) in zip((2, 3), sides):
        out = np.insert(out, [0] * before, value, axis=axis)
        out = np.insert(out, [out.shape[axis]] * after, value, axis=axis)
    return out, (sides, x.shape)


def pad_backward(dout, cache):
    """As ref_layers.pad_backward.

    Style: np.take of the rows and columns that are the image's.
    """
    ((top, _), (left, _)), shape = cache
    rows = np.take(dout, range(top, top + shape[2]), axis=2)
    return np.take(rows, range(left, left + shape[3]), axis=3)


def affine(x, w, b=None):
    """As ref_layers.affine.

    Style: two halves of the outputs share one complex product, as real and imaginary parts.
    """
    rows = x.reshape(len(x), -1)
    M = w.shape[1]
    half = (M + 1) // 2
    packed = np.zeros((len(w), half), np.result_type(w.dtype, np.complex64))
    packed.real = w[:, :half]
    packed.imag[:, : M - half] = w[:, half:]
    both = rows @ packed
    out = np.concatenate([both.real, both.imag[:, : M - half]], axis=1)
    return out if b is None else out + b, (x, w, b)


def affine_backward(dout, cache):
    """As ref_layers.affine_backward.

    Style: all outer products of all samples are formed, and the diagonal ones summed.
    """
    x, w, b = cache
    rows = x.reshape(len(x), -1)
    outer = np.multiply.outer(rows, dout)  # (N, D, N, M)
    dw = np.einsum("ndnm->dm", outer)
    dx = np.inner(dout, w).reshape(x.shape)
    return dx, dw, None if b is None else np.ones(len(x), dout.dtype) @ dout
