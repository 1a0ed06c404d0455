# ruff: noqa: B905, PLW2901, RUF005
"""torch-like functions with few attributes: algebra, generators and recursion instead of loops."""

import pickle
from functools import reduce
from itertools import accumulate, product

import numpy as np


def _axis_matrix(size, kernel, stride, pad):
    """(windows, kernel, size) of 0 and 1: which place of the image tap u of window i sees."""
    many = (size + 2 * pad - kernel) // stride + 1
    place = np.arange(many)[:, None] * stride + np.arange(kernel) - pad
    return (place[..., None] == np.arange(size)).astype(float)


def conv2d(x, w, b=None, stride=1, padding=0):
    """x: (N, C, H, W), w: (F, C, KH, KW), b: (F,) or None -> out, cache.

    Style: a convolution as a product of tensors; rows and columns have selection matrices.
    """
    rows = _axis_matrix(x.shape[2], w.shape[2], stride, padding)
    columns = _axis_matrix(x.shape[3], w.shape[3], stride, padding)
    out = np.einsum("iuh,jvk,fcuv,nchk->nfij", rows, columns, w, x, optimize="greedy")
    if b is not None:
        out += b[None, :, None, None]
    return out.astype(x.dtype), (x, w, b, rows, columns)


def conv2d_backward(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: the same four-fold product with another index left over.
    """
    x, w, b, rows, columns = cache
    dx = np.einsum("iuh,jvk,fcuv,nfij->nchk", rows, columns, w, dout, optimize="greedy")
    dw = np.einsum("iuh,jvk,nchk,nfij->fcuv", rows, columns, x, dout, optimize="greedy")
    db = None if b is None else np.einsum("nfij->f", dout)
    return dx.astype(x.dtype), dw.astype(x.dtype), db


def conv_transpose2d(x, w, b=None, stride=1, padding=0):
    """x: (N, C, H, W), w: (C, F, KH, KW), b: (F,) or None -> out, cache.

    Style: zeros between the pixels, a wide border, and correlation with the turned kernel.
    """
    N, C, H, W = x.shape
    F, KH, KW = w.shape[1:]
    size = ((H - 1) * stride + 1, (W - 1) * stride + 1)
    full = np.zeros((N, C, size[0] + 2 * (KH - 1), size[1] + 2 * (KW - 1)), x.dtype)
    full[:, :, KH - 1 : KH - 1 + size[0] : stride, KW - 1 : KW - 1 + size[1] : stride] = x
    OH, OW = size[0] + KH - 1, size[1] + KW - 1
    turned = w[:, :, ::-1, ::-1]
    out = np.zeros((N, F, OH, OW), x.dtype)
    for u, v in product(range(KH), range(KW)):
        out += np.einsum("nchw,cf->nfhw", full[:, :, u : u + OH, v : v + OW], turned[:, :, u, v])
    out = out[:, :, padding : OH - padding, padding : OW - padding]
    return out if b is None else out + b.reshape(-1, 1, 1), (x, w, b, stride, padding)


def conv_transpose2d_backward(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: a plain convolution of the padded gradient, and outer products with the pixels.
    """
    x, w, b, s, p = cache
    N, C, H, W = x.shape
    d = np.pad(dout, ((0, 0), (0, 0), (p, p), (p, p)))
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for u, v in product(range(w.shape[2]), range(w.shape[3])):
        part = d[:, :, u : u + s * (H - 1) + 1 : s, v : v + s * (W - 1) + 1 : s]
        dx += np.tensordot(part, w[:, :, u, v], axes=([1], [1])).transpose(0, 3, 1, 2)
        dw[:, :, u, v] = np.tensordot(x, part, axes=([0, 2, 3], [0, 2, 3]))
    return dx, dw, None if b is None else dout.sum(axis=(0, 2, 3))


def linear(x, weight, bias=None):
    """x: (N, D), weight: (M, D), bias: (M,) or None -> out: (N, M), cache.

    Style: Kahan's compensated summation over the input features, all outputs at once.
    """
    total = np.zeros((len(x), len(weight)), x.dtype)
    lost = np.zeros_like(total)
    terms = [np.multiply.outer(column, row) for column, row in zip(x.T, weight.T)]
    if bias is not None:
        terms.append(np.broadcast_to(bias, total.shape))
    for term in terms:
        term = term - lost
        grown = total + term
        lost = (grown - total) - term
        total = grown
    return total, (x, weight, bias)


def linear_backward(dout, x, weight, bias=None):
    """dout: (N, M) and the forward's arguments -> dx, dweight, dbias.

    Style: no cache; itertools.accumulate runs over samples, and the last sum counts.
    """
    *_, dweight = accumulate(d[:, None] * row for d, row in zip(dout, x))
    dx = np.stack([reduce(np.add, d[:, None] * weight) for d in dout])
    *_, dbias = accumulate(dout)
    return dx, dweight, None if bias is None else dbias


def _banded(size, kernel, stride):
    """(windows, size): 1 / kernel where a window covers a place."""
    many = (size - kernel) // stride + 1
    start = stride * np.arange(many)[:, None]
    place = np.arange(size)
    return ((place >= start) & (place < start + kernel)) / kernel


def avg_pool2d(x, kernel_size, stride):
    """x: (N, C, H, W) -> out, cache.

    Style: separable, one banded matrix for rows on the left and one for columns on the right.
    """
    left = _banded(x.shape[2], kernel_size, stride).astype(x.dtype)
    right = _banded(x.shape[3], kernel_size, stride).astype(x.dtype)
    return left @ x @ right.T, (left, right)


def avg_pool2d_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx.

    Style: the transposed matrices from both sides.
    """
    left, right = cache
    return left.T @ dout @ right


def _tournament(values, places):
    """The largest value and its place; of equals the one on the left stays."""
    if len(values) == 1:
        return values[0], places[0]
    half = len(values) // 2
    a, i = _tournament(values[:half], places[:half])
    b, j = _tournament(values[half:], places[half:])
    return np.where(b > a, b, a), np.where(b > a, j, i)


def max_pool2d(x, kernel_size, stride=None):
    """x: (N, C, H, W) -> out, cache.

    Style: a knock-out tournament of the window's places, played by recursion.
    """
    s = stride or kernel_size
    OH, OW = (x.shape[2] - kernel_size) // s + 1, (x.shape[3] - kernel_size) // s + 1
    taps = list(product(range(kernel_size), repeat=2))
    views = [x[:, :, u:, v:][:, :, : s * OH : s, : s * OW : s][:, :, :OH, :OW] for u, v in taps]
    out, place = _tournament(views, list(range(len(taps))))
    return out, (place, taps, x.shape, s)


def max_pool2d_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx.

    Style: np.select-like masks over the taps; a winner's number is compared with each tap's.
    """
    place, taps, shape, s = cache
    dx = np.zeros(shape, dout.dtype)
    OH, OW = dout.shape[2:]
    for number, (u, v) in enumerate(taps):
        view = dx[:, :, u:, v:][:, :, : s * OH : s, : s * OW : s][:, :, :OH, :OW]
        view += np.where(place == number, dout, 0)
    return dx


def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    """x: (N, C, ...), weight, bias: (C,) or None -> out, cache.

    Style: a projection matrix per group takes the mean away; the cache is pickled bytes.
    """
    N, C = x.shape[:2]
    flat = x.reshape(N, num_groups, -1)
    K = flat.shape[2]
    first = flat[..., :1]
    away = np.eye(K, dtype=x.dtype) - x.dtype.type(1 / K)
    centered = (flat - first) @ away
    inv = (np.square(centered).mean(axis=-1, keepdims=True) + eps) ** -0.5
    hat = (centered * inv).reshape(x.shape)
    shape = (1, C) + (1,) * (x.ndim - 2)
    out = hat * (1 if weight is None else weight.reshape(shape))
    out = out + (0 if bias is None else bias.reshape(shape))
    return out, pickle.dumps((hat, inv, weight, bias, num_groups))


def group_norm_backward(dout, cache):
    """dout: as x -> dx, dweight, dbias.

    Style: the cache is unpickled first.
    """
    hat, inv, weight, bias, groups = pickle.loads(cache)
    N, C = dout.shape[:2]
    others = (0, *range(2, dout.ndim))
    d = dout if weight is None else dout * weight.reshape(1, C, *(1,) * (dout.ndim - 2))
    d, h = d.reshape(N, groups, -1), hat.reshape(N, groups, -1)
    dx = inv * (d - d.mean(axis=2, keepdims=True) - h * (d * h).mean(axis=2, keepdims=True))
    dweight = None if weight is None else (dout * hat).sum(axis=others)
    return dx.reshape(dout.shape), dweight, None if bias is None else dout.sum(axis=others)


def instance_norm(x, weight=None, bias=None, eps=1e-5):
    """x: (N, C, H, W), weight, bias: (C,) or None -> out, cache.

    Style: np.apply_along_axis standardizes one plane after the other.
    """

    def standard(plane):
        middle = plane - plane.mean()
        return middle / np.sqrt(middle.dot(middle) / plane.size + eps)

    N, C = x.shape[:2]
    planes = x.reshape(N, C, -1)
    hat = np.apply_along_axis(standard, 2, planes)
    gain = np.ones(C, x.dtype) if weight is None else weight
    shift = np.zeros(C, x.dtype) if bias is None else bias
    out = hat * gain[:, None] + shift[:, None]
    return out.reshape(x.shape), (planes, hat, gain, eps, weight is not None, bias is not None)


def instance_norm_backward(dout, cache):
    """dout: as x -> dx, dweight, dbias.

    Style: the standard deviation is not kept but computed once more.
    """
    planes, hat, gain, eps, has_weight, has_bias = cache
    d = dout.reshape(hat.shape)
    g = d * gain[:, None]
    std = np.sqrt(planes.var(axis=2, keepdims=True) + eps)
    dx = (g - g.mean(axis=2, keepdims=True) - hat * (g * hat).mean(axis=2, keepdims=True)) / std
    dweight = (d * hat).sum(axis=(0, 2)) if has_weight else None
    return dx.reshape(dout.shape), dweight, d.sum(axis=(0, 2)) if has_bias else None


def leaky_relu(x, negative_slope=0.01):
    """x: any shape -> out, cache.

    Style: two halves, the positive part plus the slope times the negative part.
    """
    return np.maximum(x, 0) + negative_slope * np.minimum(x, 0), (x, negative_slope)


def leaky_relu_backward(dout, cache):
    """dout: as x -> dx.

    Style: a table of two slopes is indexed with the truth of x > 0.
    """
    x, negative_slope = cache
    return dout * np.array([negative_slope, 1], dout.dtype)[(x > 0).astype(int)]


def softmax(x):
    """x: (..., C) -> out, cache, along the last axis.

    Style: ratios of all pairs: a share is 1 over the sum of exp of the differences.
    """
    gaps = x[..., None, :] - x[..., :, None]
    with np.errstate(over="ignore"):
        out = 1 / np.exp(gaps).sum(axis=-1)
    return out, out


def softmax_backward(dout, cache):
    """dout: as x -> dx.

    Style: differences of the gradient to each other, weighted with both shares.
    """
    gaps = dout[..., :, None] - dout[..., None, :]
    return cache * (gaps * cache[..., None, :]).sum(axis=-1)


def hinge_loss(x, y, margin=1.0, reduction="mean"):
    """x: (N, C), y: (N,) -> loss, cache.

    Style: a matrix of +1 and -1 chooses which differences of scores are taken.
    """
    N, C = x.shape
    own = np.eye(C, dtype=x.dtype)[y]
    excess = (x - (x * own).sum(axis=1, keepdims=True) + margin) * (1 - own)
    losses = np.clip(excess, 0, None).sum(axis=1)
    over = (excess > 0).astype(x.dtype)
    total = {"mean": losses.mean, "sum": losses.sum, "none": lambda: losses}[reduction]()
    return total, (over - own * over.sum(axis=1, keepdims=True), reduction)


def hinge_loss_backward(dout, cache):
    """dout: () or (N,) -> dx.

    Style: whatever the reduction, the gradient of each sample's loss is broadcast first.
    """
    pushes, reduction = cache
    each = np.broadcast_to(dout, len(pushes)) / (len(pushes) if reduction == "mean" else 1)
    return (pushes.T * each).T.astype(pushes.dtype)


def pad(x, padding, value=0.0):
    """x: (N, C, H, W), padding: an int -> out, cache.

    Style: concatenation of four borders, one side after the other.
    """
    for axis in (2, 3):
        shape = list(x.shape)
        shape[axis] = padding
        border = np.full(shape, value, x.dtype)
        x = np.concatenate((border, x, border), axis=axis)
    return x, padding


def pad_backward(dout, cache):
    """dout: as out -> dx.

    Style: np.delete throws the borders away.
    """
    for axis in (2, 3):
        border = [*range(cache), *range(dout.shape[axis] - cache, dout.shape[axis])]
        dout = np.delete(dout, border, axis=axis)
    return dout


def flatten(x, start_dim=1):
    """x: any shape -> out, cache.

    Style: np.reshape with -1, and the cache is an empty array of x's shape, without memory.
    """
    ghost = np.broadcast_to(np.zeros((), x.dtype), x.shape)
    return np.reshape(x, x.shape[:start_dim] + (-1,)), ghost


def flatten_backward(dout, cache):
    """dout: as out -> dx.

    Style: a new array is filled through its flat iterator.
    """
    dx = np.empty(cache.shape, dout.dtype)
    dx.flat = dout.flat
    return dx


def concat(x, y, z=None):
    """x, y, z: (N, C_i, H, W), z may be None -> out, cache.

    Style: samples are joined one by one by np.vstack and stacked.
    """
    parts = [part for part in (x, y, z) if part is not None]
    out = np.stack([np.vstack(sample) for sample in zip(*parts)])
    return out, np.cumsum([part.shape[1] for part in parts])[:-1]


def concat_backward(dout, cache):
    """dout: as out -> dx, dy, dz.

    Style: np.split at the borders; the parts are views, and None stands for a missing one.
    """
    parts = np.split(dout, cache, axis=1)
    return (*parts, None)[:3]


def add(x, y):
    """x, y: any one shape -> out, cache.

    Style: a new axis of two is summed.
    """
    return np.stack((x, y)).sum(axis=0), None


def add_backward(dout, cache):
    """dout -> dx, dy.

    Style: one array is returned twice.
    """
    assert cache is None
    return dout, dout


def global_avg_pool2d(x):
    """x: (N, C, H, W) -> out: (N, C, 1, 1), cache.

    Style: means of rows, then the mean of those.
    """
    return x.mean(axis=3, keepdims=True).mean(axis=2, keepdims=True), x.shape


def global_avg_pool2d_backward(dout, cache):
    """dout: (N, C, 1, 1) -> dx.

    Style: a Kronecker product with a plane of equal shares.
    """
    plane = np.full((1, 1, *cache[2:]), 1 / (cache[2] * cache[3]), dout.dtype)
    return np.kron(dout, plane)


def dropout(x, p=0.5, training=True):
    """x: any shape -> out, cache. p: the probability to drop an element.

    Style: np.random.choice between 0 and the scale draws the finished mask.
    """
    if not training:
        return x, None
    mask = np.random.choice(np.array([0.0, 1.0]), size=x.shape, p=[p, 1 - p])
    mask = (mask / (1 - p or 1)).astype(x.dtype)
    return x * mask, mask


def dropout_backward(dout, cache):
    """dout: as x -> dx.

    Style: an early return of the very gradient where nothing was dropped.
    """
    if cache is None:
        return dout
    return cache * dout
