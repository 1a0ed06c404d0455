# ruff: noqa: B905, UP033
"""A module with the reference layers' signatures that leans on a helper beside it."""

import itertools
import math
from collections import ChainMap
from functools import lru_cache, reduce

import helper_windows
import numpy as np
from helper_windows import Grid, two


@lru_cache(maxsize=None)
def _grid(size, kernel, stride, pads, dilation, many=None):
    """Grids are made once for each geometry: they hold no data."""
    return Grid(size, kernel, stride, pads, dilation, many)


def conv2d_transpose(
    x,
    w,
    b=None,
    *,
    stride=1,
    padding=0,
    output_padding=0,
    output_size=None,
    dilation=1,
    groups=1,
):
    """As ref_layers.conv2d_transpose.

    Style: the windows of the output are indexed, and all stamps are scattered by one np.add.at.
    """
    s, d, small, kernel = two(stride), two(dilation), x.shape[2:], w.shape[2:]
    full = [(n - 1) * t + (k - 1) * e + 1 for n, t, k, e in zip(small, s, kernel, d)]
    if padding in ("same", "same_lower"):
        size = output_size or [n * t for n, t in zip(small, s)]
        totals = [max(f - n, 0) for f, n in zip(full, size)]
        pads = tuple(helper_windows.split(total, padding == "same_lower") for total in totals)
    else:
        pads = helper_windows.sides(padding, small, kernel, s)
        extra = two(output_padding)
        size = output_size or [f - sum(p) + e for f, p, e in zip(full, pads, extra)]
    size = tuple(int(n) for n in size)
    grid = _grid(size, tuple(kernel), s, pads, d, tuple(small))
    N, C = x.shape[:2]
    pixels = x.reshape(N, groups, C // groups, *small)
    bank = w.reshape(groups, C // groups, *w.shape[1:])
    stamps = np.einsum("ngchw,gcfuv->ngfhwuv", pixels, bank)
    out = grid.scatter(stamps.reshape(N, -1, *small, *kernel))
    if b is not None:
        out += b.reshape(-1, 1, 1)
    return out, (pixels, bank, b, grid, x.shape, w.shape)


def conv2d_transpose_backward(dout, cache):
    """As ref_layers.conv2d_transpose_backward.

    Style: the stamps' gradient is gathered, and two contractions are taken of it.
    """
    pixels, bank, b, grid, x_shape, w_shape = cache
    stamps = grid.gather(dout)
    stamps = stamps.reshape(len(dout), bank.shape[0], bank.shape[2], *stamps.shape[2:])
    dx = np.einsum("ngfhwuv,gcfuv->ngchw", stamps, bank).reshape(x_shape)
    dw = np.einsum("ngfhwuv,ngchw->gcfuv", stamps, pixels).reshape(w_shape)
    return dx, dw, None if b is None else np.sum(dout, (0, 2, 3))


def separable_conv2d(x, w_depth, w_point, b=None, *, stride=1, padding=0, dilation=1):
    """As ref_layers.separable_conv2d.

    Style: windows are gathered once, depth is an elementwise product, point a matrix.
    """
    s, d, kernel = two(stride), two(dilation), w_depth.shape[2:]
    span = [(k - 1) * e + 1 for k, e in zip(kernel, d)]
    pads = helper_windows.sides(padding, x.shape[2:], span, s)
    grid = _grid(x.shape[2:], tuple(kernel), s, pads, d)
    N, C = x.shape[:2]
    windows = grid.gather(x)[:, :, None]  # (N, C, 1, OH, OW, KH, KW)
    depth = w_depth.reshape(1, C, -1, 1, 1, *kernel)
    middle = (windows * depth).sum(axis=(-2, -1)).reshape(N, -1, *grid.many)
    point = w_point.reshape(len(w_point), -1)
    out = np.tensordot(point, middle, axes=([1], [1])).swapaxes(0, 1)
    out = out if b is None else out + b[:, None, None]
    return out, ChainMap(
        {"windows": windows, "depth": depth, "middle": middle},
        {"point": point, "b": b, "grid": grid, "shapes": (w_depth.shape, w_point.shape)},
    )


def separable_conv2d_backward(dout, cache):
    """As ref_layers.separable_conv2d_backward.

    Style: broadcast products again; the cache is a chain of two dicts.
    """
    windows, depth, point = cache["windows"], cache["depth"], cache["point"]
    dpoint = np.tensordot(dout, cache["middle"], axes=([0, 2, 3], [0, 2, 3]))
    dmiddle = np.tensordot(point, dout, axes=([0], [1])).swapaxes(0, 1)
    N, C = windows.shape[:2]
    d = dmiddle.reshape(N, C, depth.shape[2], *dout.shape[2:], 1, 1)
    ddepth = (d * windows).sum(axis=(0, 3, 4)).reshape(cache["shapes"][0])
    dx = cache["grid"].scatter((d * depth).sum(axis=2))
    db = None if cache["b"] is None else dout.sum(axis=(0, 2, 3))
    return dx, ddepth, dpoint.reshape(cache["shapes"][1]), db


def group_norm(x, gamma=None, beta=None, *, num_groups, eps=1e-5):
    """As ref_layers.group_norm.

    Style: groups one by one by slices, and a dict of Python floats for the deviations.
    """
    size = x.shape[1] // num_groups
    hat, inv = np.empty_like(x), {}
    for n, g in itertools.product(range(len(x)), range(num_groups)):
        place = (n, slice(g * size, (g + 1) * size))
        block = x[place]
        block = block - block.mean()
        inv[n, g] = 1 / math.sqrt(float((block * block).mean()) + eps)
        hat[place] = block * inv[n, g]
    vector = (x.shape[1],) + (1,) * (x.ndim - 2)
    out = hat * (1 if gamma is None else gamma.reshape(vector))
    out = out + (0 if beta is None else beta.reshape(vector))
    return out, (hat, inv, gamma, beta, size)


def group_norm_backward(dout, cache):
    """As ref_layers.group_norm_backward.

    Style: the dict's items say which blocks there are.
    """
    hat, inv, gamma, beta, size = cache
    over = (0, *range(2, dout.ndim))
    vector = (dout.shape[1],) + (1,) * (dout.ndim - 2)
    dx = dout.copy() if gamma is None else dout * gamma.reshape(vector)
    for (n, g), scale in inv.items():
        place = (n, slice(g * size, (g + 1) * size))
        d, h = dx[place], hat[place]
        dx[place] = scale * (d - d.mean() - h * np.mean(d * h))
    dgamma = None if gamma is None else np.sum(dout * hat, over)
    return dx, dgamma, None if beta is None else np.sum(dout, over)


def instance_norm(x, gamma=None, beta=None, *, eps=1e-5):
    """As ref_layers.instance_norm.

    Style: Welford's recurrence over the positions, all channels at once.
    """
    flat = x.reshape(*x.shape[:2], -1)
    mean, squares = np.zeros_like(flat[..., 0]), np.zeros_like(flat[..., 0])
    for count in range(flat.shape[2]):
        gap = flat[..., count] - mean
        mean = mean + gap / (count + 1)
        squares = squares + gap * (flat[..., count] - mean)
    inv = (squares / flat.shape[2] + eps) ** -0.5
    hat = (flat - mean[..., None]) * inv[..., None]
    out = hat if gamma is None else gamma[:, None] * hat
    out = out if beta is None else out + beta[:, None]
    return out.reshape(x.shape), (hat, inv, gamma, beta)


def instance_norm_backward(dout, cache):
    """As ref_layers.instance_norm_backward.

    Style: the Jacobian of each channel in full, (N, C, L, L).
    """
    hat, inv, gamma, beta = cache
    L = hat.shape[2]
    rows = dout.reshape(hat.shape)
    scaled = rows if gamma is None else rows * gamma[:, None]
    jacobian = np.eye(L, dtype=dout.dtype) - (1 + hat[..., :, None] * hat[..., None, :]) / L
    dx = inv[..., None] * (jacobian @ scaled[..., None])[..., 0]
    dgamma = None if gamma is None else np.einsum("ncl,ncl->c", rows, hat)
    return dx.reshape(dout.shape), dgamma, None if beta is None else rows.sum(axis=(0, 2))


def batch_norm_1d(
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
    """As ref_layers.batch_norm_1d.

    Style: the first sample is the origin of every channel, from which means are measured.
    """
    columns = x[:, :, None] if x.ndim == 2 else x
    count = columns.shape[0] * columns.shape[2]
    if training or running_mean is None:
        near = columns[0, :, :1]  # any number near the data: the shift takes what is too much away
        off = columns - near
        shift = off.sum(axis=(0, 2)) / count
        var = np.square(off - shift[:, None]).sum(axis=(0, 2)) / count
        mean = near[:, 0] + shift
    else:
        mean, var, off, shift = running_mean, running_var, columns, running_mean
    inv = 1 / np.sqrt(var + eps)
    hat = (off - shift[:, None]) * inv[:, None]
    out = hat if gamma is None else hat * gamma[:, None]
    out = (out if beta is None else out + beta[:, None]).reshape(x.shape)
    cache = (hat, inv, gamma, beta, count if training else math.inf)
    if not training or running_mean is None:
        return out, cache
    spread = var * count / (count - 1) if unbiased_running_var else var
    keep = 1 - momentum
    return (
        out,
        keep * running_mean + momentum * mean,
        keep * running_var + momentum * spread,
    ), cache


def batch_norm_1d_backward(dout, cache):
    """As ref_layers.batch_norm_1d_backward.

    Style: with constant statistics the count is infinite, and the paths through them vanish.
    """
    hat, inv, gamma, beta, count = cache
    d = dout.reshape(hat.shape)
    dgamma, dbeta = (d * hat).sum(axis=(0, 2)), d.sum(axis=(0, 2))
    inner = d - (dbeta[:, None] + hat * dgamma[:, None]) / count
    scale = inv if gamma is None else inv * gamma
    dx = (inner * scale[:, None]).reshape(dout.shape)
    return dx, None if gamma is None else dgamma, None if beta is None else dbeta


def svm_loss(x, y, *, margin=1.0, reduction="mean"):
    """As ref_layers.svm_loss.

    Style: classes are visited one after the other; sums and pushes grow as vectors of samples.
    """
    N, C = x.shape
    own = np.choose(y, x.T) if C < 32 else x[np.arange(N), y]
    losses, dx = np.zeros(N, x.dtype), np.zeros_like(x)
    for c in range(C):
        excess = x[:, c] - own + margin
        over = (y != c) & (excess > 0)
        losses += np.where(over, excess, 0)
        dx[:, c] += over
        dx[np.arange(N), y] -= over
    if reduction == "none":
        return losses, (dx, None)
    return np.asarray(losses.sum() if reduction == "sum" else losses.sum() / N), (dx, reduction)


def svm_loss_backward(dout, cache):
    """As ref_layers.svm_loss_backward.

    Style: a new axis on the gradient where there is one for each sample.
    """
    dx, reduction = cache
    match reduction:
        case "mean":
            return dx * dout / dx.dtype.type(len(dx))
        case "sum":
            return dx * dout
        case _:
            return dx * dout[:, np.newaxis]


def leaky_relu(x, *, negative_slope=0.01):
    """As ref_layers.leaky_relu.

    Style: half the sum and half the difference of the two lines, with the absolute value.
    """
    a, b = (1 + negative_slope) / 2, (1 - negative_slope) / 2
    return x * x.dtype.type(a) + np.abs(x) * x.dtype.type(b), (np.sign(x), negative_slope)


def leaky_relu_backward(dout, cache):
    """As ref_layers.leaky_relu_backward.

    Style: np.piecewise over the signs.
    """
    sign, slope = cache
    factor = np.piecewise(np.asarray(sign, dout.dtype), [sign > 0], [1, slope])
    return dout * factor


def tanh(x):
    """As ref_layers.tanh.

    Style: sinh over cosh, of numbers that are cut at 20, where the tangent is 1.
    """
    small = np.clip(x, -20, 20)
    return (out := np.sinh(small) / np.cosh(small)), out


def tanh_backward(dout, cache):
    """As ref_layers.tanh_backward.

    Style: by np.subtract and np.multiply with `out`, in one array of its own.
    """
    dx = np.multiply(cache, cache)
    np.subtract(1, dx, out=dx)
    return np.multiply(dx, dout, out=dx)


def flatten(x, *, start_dim=1, channels_last=False):
    """As ref_layers.flatten.

    Style: np.rollaxis, and axes merged two at a time by reduce.
    """
    moved = np.rollaxis(x, 1, x.ndim) if channels_last else x

    def merge(array, _):
        return array.reshape(*array.shape[:-2], array.shape[-2] * array.shape[-1])

    out = reduce(merge, range(x.ndim - 1 - start_dim), moved)
    return out, (moved.shape, channels_last)


def flatten_backward(dout, cache):
    """As ref_layers.flatten_backward.

    Style: np.rollaxis the other way round.
    """
    shape, channels_last = cache
    dx = dout.reshape(shape)
    return np.rollaxis(dx, dx.ndim - 1, 1) if channels_last else dx


def concat(x, y, z=None):
    """As ref_layers.concat.

    Style: np.block of nested lists with channels last.
    """
    parts = [np.moveaxis(part, 1, -1) for part in (x, y, z) if part is not None]
    return np.moveaxis(np.block([parts]), -1, 1), [part.shape[-1] for part in parts]


def concat_backward(dout, cache):
    """As ref_layers.concat_backward.

    Style: an iterator of channels is emptied part by part.
    """
    channels = iter(range(dout.shape[1]))
    parts = [dout[:, list(itertools.islice(channels, size))] for size in cache]
    return (*parts, *[None] * (3 - len(parts)))


def add(x, y):
    """As ref_layers.add.

    Style: x minus the negative of y.
    """
    return np.subtract(x, np.negative(y)), x.dtype


def add_backward(dout, cache):
    """As ref_layers.add_backward.

    Style: an array with a new axis of two is unpacked.
    """
    dx, dy = np.repeat(dout[None], 2, axis=0).astype(cache)
    return dx, dy


def global_avg_pool(x, *, keepdims=True):
    """As ref_layers.global_avg_pool.

    Style: a contraction with two vectors of equal shares.
    """
    H, W = x.shape[2:]
    out = np.einsum("nchw,h,w->nc", x, np.full(H, 1 / H, x.dtype), np.full(W, 1 / W, x.dtype))
    return out[:, :, None, None] if keepdims else out, (H, W)


def global_avg_pool_backward(dout, cache):
    """As ref_layers.global_avg_pool_backward.

    Style: np.full_like and multiplication by broadcasting.
    """
    H, W = cache
    share = np.full((H, W), 1 / (H * W), dout.dtype)
    return dout.reshape(*dout.shape[:2], 1, 1) * share
