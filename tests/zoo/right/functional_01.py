# ruff: noqa: B905, E741
"""torch-like functions with full attributes: integral images, gathered windows, einsum paths."""

import math
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def _pair(value):
    """An integer or a pair, as a pair."""
    return (int(value),) * 2 if np.ndim(value) == 0 else tuple(int(v) for v in value)


def _count(size, kernel, stride, pad, ceil):
    """How many windows there are; with ceil the last must start within the image or left pad."""
    spare = size + 2 * pad - kernel
    if not ceil:
        return spare // stride + 1
    many = -(-spare // stride) + 1
    return many - ((many - 1) * stride >= size + pad)


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """x: (N, C, H, W), weight: (F, C/groups, KH, KW), bias: (F,) or None -> out, cache.

    Style: sliding windows with the group as an axis of its own, and einsum that plans its path.
    """
    (sh, sw), (ph, pw), (dh, dw) = _pair(stride), _pair(padding), _pair(dilation)
    N, C, H, W = x.shape
    F, c, KH, KW = weight.shape
    xp = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw))).reshape(N, groups, c, H + 2 * ph, -1)
    span = (dh * (KH - 1) + 1, dw * (KW - 1) + 1)
    seen = sliding_window_view(xp, span, axis=(3, 4))[:, :, :, ::sh, ::sw, ::dh, ::dw]
    bank = weight.reshape(groups, F // groups, c, KH, KW)
    out = np.einsum("ngcijuv,gfcuv->ngfij", seen, bank, optimize="optimal")
    out = out.reshape(N, F, *out.shape[3:])
    if bias is not None:
        out = out + bias[:, None, None]
    geometry = SimpleNamespace(s=(sh, sw), p=(ph, pw), d=(dh, dw), bias=bias is not None, x=x.shape)
    return out, (seen, bank, xp.shape, geometry)


def conv2d_backward(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dweight, dbias (or None).

    Style: einsum for the weights; for x each tap adds its share through a slice with steps.
    """
    seen, bank, padded, g = cache
    N, G, c, OH, OW, KH, KW = seen.shape
    d = dout.reshape(N, G, -1, OH, OW)
    dweight = np.einsum("ngfij,ngcijuv->gfcuv", d, seen, optimize=True)
    dxp = np.zeros(padded, dout.dtype)
    for u in range(KH):
        for v in range(KW):
            rows = slice(u * g.d[0], u * g.d[0] + (OH - 1) * g.s[0] + 1, g.s[0])
            columns = slice(v * g.d[1], v * g.d[1] + (OW - 1) * g.s[1] + 1, g.s[1])
            dxp[..., rows, columns] += np.einsum("ngfij,gfc->ngcij", d, bank[..., u, v])
    dxp = dxp.reshape(N, G * c, *padded[3:])
    dx = dxp[:, :, g.p[0] : g.p[0] + g.x[2], g.p[1] : g.p[1] + g.x[3]]
    dbias = np.add.reduce(dout, axis=(0, 2, 3)) if g.bias else None
    return dx, dweight.reshape(-1, c, KH, KW), dbias


def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """x: (N, C, H, W) -> out, cache; the border is -inf.

    Style: index arrays gather all windows of a flat image with one extra cell that holds -inf.
    """
    k, p, d = _pair(kernel_size), _pair(padding), _pair(dilation)
    s = k if stride is None else _pair(stride)
    N, C, H, W = x.shape
    sides = []
    for axis, size in enumerate((H, W)):
        span = d[axis] * (k[axis] - 1) + 1
        many = _count(size, span, s[axis], p[axis], ceil_mode)
        sides.append(np.arange(many)[:, None] * s[axis] - p[axis] + np.arange(k[axis]) * d[axis])
    h, v = sides[0][:, None, :, None], sides[1][None, :, None, :]
    inside = (h >= 0) & (h < H) & (v >= 0) & (v < W)
    place = np.where(inside, h * W + v, H * W).reshape(*inside.shape[:2], -1)
    flat = np.concatenate([x.reshape(N, C, -1), np.full((N, C, 1), -np.inf, x.dtype)], axis=2)
    windows = flat[:, :, place]  # (N, C, OH, OW, taps)
    first = windows.argmax(axis=-1)
    # where a whole window is -inf, its first place may be a border's: take the first inside one
    border = np.take_along_axis(place[None, None], first[..., None], axis=-1)[..., 0] == H * W
    inner = np.broadcast_to((place < H * W).argmax(axis=-1), first.shape)
    first = np.where(border, inner, first)
    out = np.take_along_axis(windows, first[..., None], axis=-1)[..., 0]
    winner = np.take_along_axis(np.broadcast_to(place, windows.shape), first[..., None], -1)[..., 0]
    return out, (winner, x.shape)


def max_pool2d_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W).

    Style: a matrix of zeros and ones is built for each plane and multiplied with its gradient.
    """
    winner, shape = cache
    N, C, H, W = shape
    dx = np.empty((N, C, H * W), dout.dtype)
    for n, c in np.ndindex(N, C):
        selects = winner[n, c].reshape(1, -1) == np.arange(H * W)[:, None]
        dx[n, c] = selects.astype(dout.dtype) @ dout[n, c].ravel()
    return dx.reshape(shape)


class _Boxes(NamedTuple):
    """Corners of all windows, cut at the image, and by what each sum is divided."""

    top: np.ndarray
    bottom: np.ndarray
    left: np.ndarray
    right: np.ndarray
    area: np.ndarray


def avg_pool2d(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """x: (N, C, H, W) -> out, cache.

    Style: an integral image in double precision; every window is four corners of it.
    """
    k, p = _pair(kernel_size), _pair(padding)
    s = k if stride is None else _pair(stride)
    edges, lengths = [], []
    for size, kk, ss, pp in zip(x.shape[2:], k, s, p):
        start = np.arange(_count(size, kk, ss, pp, ceil_mode)) * ss - pp
        stop = np.minimum(start + kk, size + pp)
        low, high = np.clip(start, 0, size), np.clip(stop, 0, size)
        edges += [low, high]
        lengths.append(stop - start if count_include_pad else high - low)
    boxes = _Boxes(*edges, np.multiply.outer(*lengths))
    table = np.zeros((*x.shape[:2], x.shape[2] + 1, x.shape[3] + 1))
    table[:, :, 1:, 1:] = x.cumsum(axis=2, dtype=float).cumsum(axis=3)
    t, b, l, r = boxes.top[:, None], boxes.bottom[:, None], boxes.left, boxes.right
    sums = table[..., b, r] - table[..., t, r] - table[..., b, l] + table[..., t, l]
    return (sums / boxes.area).astype(x.dtype), (boxes, x.shape)


def avg_pool2d_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W).

    Style: four signed corners of every window, then cumulative sums spread them out.
    """
    boxes, (N, C, H, W) = cache
    share = dout.astype(float) / boxes.area
    corners = np.zeros((N, C, H + 1, W + 1))
    t, b, l, r = boxes.top[:, None], boxes.bottom[:, None], boxes.left, boxes.right
    for sign, i, j in ((1, t, l), (-1, b, l), (-1, t, r), (1, b, r)):
        np.add.at(corners, (slice(None), slice(None), i, j), sign * share)
    return corners.cumsum(axis=2).cumsum(axis=3)[:, :, :H, :W].astype(dout.dtype)


def linear(x, weight, bias=None):
    """x: (N, D), weight: (M, D), bias: (M,) or None -> out: (N, M), cache.

    Style: features are computed last to first; what is returned has a negative stride.
    """
    backwards = x @ weight[::-1].T
    if bias is not None:
        backwards += bias[::-1]
    return backwards[:, ::-1], (x, weight, bias)


def linear_backward(dout, cache):
    """dout: (N, M) -> dx, dweight, dbias (or None).

    Style: vdot and einsum by sample; arrays that were never contiguous.
    """
    x, weight, bias = cache
    dx = np.einsum("nm,md->dn", dout, weight).T
    dweight = np.einsum("nm,nd->dm", dout, x).T
    return dx, dweight, None if bias is None else np.einsum("nm->m", dout)


def batch_norm(
    x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):
    """torch's signature; (N, C, ...) -> out, cache.

    Style: running statistics move in place, as torch's do, by a share of the gap to the new ones.
    """
    last = np.moveaxis(x, 1, -1)
    axes = tuple(range(last.ndim - 1))
    if training or running_mean is None:
        mean, var = last.mean(axis=axes), last.var(axis=axes)
        if running_mean is not None:
            n = x.size // x.shape[1]
            running_mean += momentum * (mean - running_mean)
            running_var += momentum * (var * n / (n - 1) - running_var)
    else:
        mean, var = running_mean, running_var
    inv = 1 / np.sqrt(var + eps)
    hat = (last - mean) * inv
    out = hat if weight is None else hat * weight
    out = out if bias is None else out + bias
    return np.moveaxis(out, -1, 1), (hat, inv, weight, bias, training)


def batch_norm_backward(dout, cache):
    """dout: as x -> dx, dweight, dbias.

    Style: channels last inside, a view with channels first outside.
    """
    hat, inv, weight, bias, training = cache
    d = np.moveaxis(dout, 1, -1)
    axes = tuple(range(d.ndim - 1))
    dhat = d if weight is None else d * weight
    if training:
        dhat = dhat - dhat.mean(axis=axes) - hat * (dhat * hat).mean(axis=axes)
    dweight = None if weight is None else (d * hat).sum(axis=axes)
    dbias = None if bias is None else d.sum(axis=axes)
    return np.moveaxis(dhat * inv, -1, 1), dweight, dbias


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """torch's signature; the trailing axes of normalized_shape -> out, cache.

    Style: rows of a matrix, and parameters that are missing are replaced by ones and zeros.
    """
    size = math.prod(normalized_shape)
    rows = x.reshape(-1, size)
    gain = np.ones(size, x.dtype) if weight is None else weight.reshape(size)
    shift = np.zeros(size, x.dtype) if bias is None else bias.reshape(size)
    rows = rows - rows.mean(axis=1, keepdims=True)
    length = np.sqrt((rows**2).mean(axis=1, keepdims=True) + eps)
    hat = np.true_divide(rows, length)
    return (hat * gain + shift).reshape(x.shape), (hat, length, gain, weight, bias)


def layer_norm_backward(dout, cache):
    """dout: as x -> dx, dweight, dbias.

    Style: keepdims gradients of rows, and every result takes the shape of what it belongs to.
    """
    hat, length, gain, weight, bias = cache
    rows = dout.reshape(hat.shape)
    d = rows * gain
    slope = np.einsum("rk,rk->r", d, hat)[:, None] / d.shape[1]
    dx = ((d - d.mean(axis=1, keepdims=True) - slope * hat) / length).reshape(dout.shape)
    dweight = None if weight is None else np.einsum("rk,rk->k", rows, hat).reshape(weight.shape)
    return dx, dweight, None if bias is None else rows.sum(axis=0).reshape(bias.shape)


def softmax(x, dim=-1):
    """x: any shape -> out, cache.

    Style: the axis goes last, is normalized by log-sum-exp, and comes back as a view.
    """
    last = np.swapaxes(x, dim, -1)
    top = np.amax(last, axis=-1, keepdims=True)
    log_total = top + np.log(np.exp(last - top).sum(axis=-1, keepdims=True))
    out = np.exp(last - log_total)
    return np.swapaxes(out, dim, -1), (out, dim)


def softmax_backward(dout, cache):
    """dout: as x -> dx.

    Style: the Jacobian diag(s) - s s^T is formed for every vector and multiplied.
    """
    out, dim = cache
    d = np.swapaxes(dout, dim, -1)
    jacobian = out[..., :, None] * np.eye(out.shape[-1], dtype=out.dtype)
    jacobian = jacobian - out[..., :, None] * out[..., None, :]
    return np.swapaxes((jacobian @ d[..., None])[..., 0], dim, -1)


def log_softmax(x, dim=-1):
    """x: any shape -> out, cache.

    Style: np.logaddexp.reduce along the axis.
    """
    out = x - np.expand_dims(np.logaddexp.reduce(x, axis=dim), dim)
    return out, {"log": out, "dim": dim}


def log_softmax_backward(dout, cache):
    """dout: as x -> dx.

    Style: np.apply_along_axis sums, and np.expand_dims puts the axis back.
    """
    total = np.expand_dims(np.apply_along_axis(np.sum, cache["dim"], dout), cache["dim"])
    return dout - total * np.exp(cache["log"])


def cross_entropy(x, target, reduction="mean", label_smoothing=0.0, ignore_index=-100):
    """x: (N, C), target: (N,) -> loss, cache.

    Style: a full matrix of target shares, rows of zeros where a sample is ignored.
    """
    N, C = x.shape
    counts = target != ignore_index
    shares = np.full((N, C), label_smoothing / C, x.dtype)
    shares[np.arange(N), np.where(counts, target, 0)] += 1 - label_smoothing
    shares *= counts[:, None]
    shifted = x - x.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    losses = -(shares * logs).sum(axis=1)
    cache = (logs, shares, counts, reduction)
    if reduction == "none":
        return losses, cache
    return losses.sum() / (counts.sum() if reduction == "mean" else 1), cache


def cross_entropy_backward(dout, cache):
    """dout: () or (N,) -> dx: (N, C).

    Style: the shares that a sample has to give are counted, which is 0 for one that is ignored.
    """
    logs, shares, counts, reduction = cache
    scale = np.reshape(dout, (-1, 1)) / (counts.sum() if reduction == "mean" else 1)
    dx = (np.exp(logs) * counts[:, None] - shares) * scale
    return dx.astype(logs.dtype)


def relu(x):
    """x: any shape -> out, cache.

    Style: np.where with the number itself as a condition's other half.
    """
    return np.where(np.signbit(x), np.zeros((), x.dtype), x), np.sign(x)


def relu_backward(dout, cache):
    """dout: as x -> dx.

    Style: signs are compared with 1.
    """
    return np.where(cache == 1, dout, np.zeros((), dout.dtype))


def sigmoid(x):
    """x: any shape -> out, cache.

    Style: exp of minus the softplus, which np.logaddexp gives for numbers of any size.
    """
    return (out := np.exp(-np.logaddexp(0, -x))), (out, np.exp(-np.logaddexp(0, x)))


def sigmoid_backward(dout, cache):
    """dout: as x -> dx.

    Style: the cache has both the share and its complement, so that nothing is subtracted.
    """
    share, complement = cache
    return dout * share * complement


def tanh(x):
    """x: any shape -> out, cache.

    Style: by np.expm1 of -2|x|, which neither overflows nor cancels.
    """
    e = np.expm1(-2 * np.abs(x))
    out = np.copysign(-e / (2 + e), x)
    return out, out


def tanh_backward(dout, cache):
    """dout: as x -> dx.

    Style: the slope as a product of 1 - t and 1 + t.
    """
    return dout * ((1 - cache) * (1 + cache))


_erfc = np.vectorize(math.erfc, otypes=[float])


def gelu(x, approximate="none"):
    """x: any shape -> out, cache.

    Style: math.erfc of -x / sqrt(2) through np.vectorize, which keeps the digits of the far tail.
    """
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
        t = np.tanh(inner)
        slope = 0.5 * (1 - t**2) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
        return 0.5 * x * (1 + t), 0.5 * (1 + t) + x * slope
    wide = x.astype(float)
    share = 0.5 * _erfc(-wide / math.sqrt(2))
    density = np.exp(-0.5 * wide**2) / math.sqrt(2 * math.pi)
    return (wide * share).astype(x.dtype), (share + wide * density).astype(x.dtype)


def gelu_backward(dout, cache):
    """dout: as x -> dx.

    Style: the cache is the slope itself.
    """
    return cache * dout


def dropout(x, p=0.5, training=True):
    """x: any shape -> out, cache. p: the probability to drop an element.

    Style: a Generator made inside the call; the kept elements are copied by boolean indexing.
    """
    if not training or p == 0:
        return x.copy(), (slice(None), 1.0)
    kept = np.random.default_rng().random(x.shape) >= p
    out = np.zeros_like(x)
    scale = 1 / (1 - p) if p < 1 else 0.0
    out[kept] = x[kept] * scale
    return out, (kept, scale)


def dropout_backward(dout, cache):
    """dout: as x -> dx.

    Style: what indexes the gradient is a mask, or a slice where nothing was dropped.
    """
    kept, scale = cache
    dx = np.zeros_like(dout)
    dx[kept] = dout[kept] * scale
    return dx
