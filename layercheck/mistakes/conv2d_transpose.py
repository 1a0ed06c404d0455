"""What people get wrong in conv2d_transpose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ref_layers.conv2d import by_group, split_groups
from ref_layers.conv2d_transpose import Cache, conv2d_transpose, conv2d_transpose_backward
from ref_layers.op import Array
from ref_layers.windows import Windows


def kernel_not_flipped(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """w is taken as if it were flipped in both directions. Scattering x * w needs it as it is; a
    convolution over x with zeros between its pixels needs it flipped."""
    return conv2d_transpose(x, w[:, :, ::-1, ::-1], b, **attributes)[0], _cache(x, w, b, attributes)


def input_padded(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """padding is added to the input. In a transposed convolution it crops the output."""
    right, cache = conv2d_transpose(x, w, b, **attributes)
    (top, bottom), (left, right_side) = cache.windows.padding
    grown = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right_side)))
    win = replace(cache.windows, padding=((0, 0), (0, 0)), out=grown.shape[2:])
    return _scatter(grown, cache, win)[:, :, : right.shape[2], : right.shape[3]], cache


def output_padding_as_zeros(
    x: Array, w: Array, b: Array | None = None, *, output_padding: Any = 0, **attributes: Any
) -> Any:
    """The rows and columns of output_padding are filled with zeros. They are part of the output:
    crop less at the bottom and right."""
    right, cache = conv2d_transpose(x, w, b, output_padding=output_padding, **attributes)
    win, out = cache.windows, np.zeros_like(right)
    height, width = (
        (n - 1) * s + k - sum(p)
        for n, s, k, p in zip(win.out, win.stride, win.extent, win.padding, strict=True)
    )
    out[..., :height, :width] = right[..., :height, :width]
    return out, cache


def output_padding_ignored(
    x: Array, w: Array, b: Array | None = None, *, output_padding: Any = 0, **attributes: Any
) -> Any:
    """output_padding is ignored. It adds rows at the bottom and columns at the right."""
    return conv2d_transpose(x, w, b, **attributes)


def assigned_where_windows_overlap(
    x: Array, w: Array, b: Array | None = None, **attributes: Any
) -> Any:
    """'=' in place of '+=': where windows overlap, only the last one counts. Accumulate."""
    right, cache = conv2d_transpose(x, w, b, **attributes)
    win = cache.windows
    columns = (_filters(cache) @ split_groups(x, cache.groups)).reshape(
        x.shape[0], -1, *win.kernel, *win.out
    )
    padded = np.zeros_like(x, shape=(*right.shape[:2], *win.padded))
    for i, j in win.taps:
        win.tap(padded, i, j)[...] = columns[:, :, i, j]
    return _biased(win.crop(padded), b), cache


def repeated_for_zero_insert(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """Pixels are repeated `stride` times. Put stride - 1 zeros between them."""
    cache = _cache(x, w, b, attributes)
    s = cache.windows.stride
    spread = np.repeat(np.repeat(x, s[0], axis=2), s[1], axis=3)
    spread = spread[:, :, : (x.shape[2] - 1) * s[0] + 1, : (x.shape[3] - 1) * s[1] + 1]
    win = replace(cache.windows, stride=(1, 1), out=spread.shape[2:])
    return _scatter(spread, cache, win), cache


def stride_ignored(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """Windows are written one pixel apart. Pixel (i, j) writes from (i*stride, j*stride) on."""
    cache = _cache(x, w, b, attributes)
    return _scatter(x, cache, replace(cache.windows, stride=(1, 1))), cache


def dilation_ignored(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The taps of a dilated kernel are written side by side. Step `dilation` pixels between
    taps."""
    cache = _cache(x, w, b, attributes)
    return _scatter(x, cache, replace(cache.windows, dilation=(1, 1))), cache


def one_pixel_off(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The output is cropped one pixel too far to the bottom and right, with the right shape. Crop
    `top` rows and `left` columns."""
    cache = _cache(x, w, b, attributes)
    (top, bottom), (left, right) = cache.windows.padding
    sides = ((top + 1, max(bottom - 1, 0)), (left + 1, max(right - 1, 0)))
    return _scatter(x, cache, replace(cache.windows, padding=sides)), cache


def same_taken_for_half_the_kernel(
    x: Array, w: Array, b: Array | None = None, *, padding: Any = 0, **attributes: Any
) -> Any:
    """TensorFlow's "same" is taken for padding = kernel // 2. It crops (kernel - stride) pixels in
    all, the odd one at the bottom and right."""
    right, cache = conv2d_transpose(x, w, b, padding=padding, **attributes)
    if padding != "same":
        return right, cache
    h, v = (k // 2 for k in cache.windows.extent)
    half = ((h, h), (v, v))
    return _scatter(x, cache, replace(cache.windows, padding=half)), cache


def groups_ignored(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """Every filter reads the first group's channels. Filters of group g read the channels of group
    g."""
    cache = _cache(x, w, b, attributes)
    first = np.concatenate([x[:, : x.shape[1] // cache.groups]] * cache.groups, axis=1)
    return _scatter(first, cache, cache.windows), cache


def groups_interleaved(
    x: Array, w: Array, b: Array | None = None, *, groups: int = 1, **attributes: Any
) -> Any:
    """Channel c belongs to group c % groups. Groups are neighbouring channels: c // (C /
    groups)."""
    order = np.arange(len(w)).reshape(-1, groups).T.reshape(-1)
    out, _ = conv2d_transpose(x[:, order], w[order], b, groups=groups, **attributes)
    return out, conv2d_transpose(x, w, b, groups=groups, **attributes)[1]


def bias_for_each_window(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The bias is added with every window, and several times where they overlap. Add it once, after
    the sum."""
    right, cache = conv2d_transpose(x, w, b, **attributes)
    if b is None:
        return right, cache
    win = cache.windows
    counted = np.zeros_like(x, shape=(1, 1, *win.padded))
    for i, j in win.taps:
        win.tap(counted, i, j)[...] += 1
    return _scatter(x, cache._replace(b=None), win) + b.reshape(-1, 1, 1) * win.crop(counted), cache


_BUFFERS: dict[Any, Array] = {}


def buffer_kept_between_calls(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The output's buffer is kept from the last call and added to again. Start each call from
    zeros."""
    right, cache = conv2d_transpose(x, w, b, **attributes)
    buffer = _BUFFERS.setdefault(right.shape, np.zeros(right.shape))
    buffer += right
    return buffer.astype(x.dtype), cache


def dx_kernel_flipped(dout: Array, cache: Cache) -> Any:
    """dx is made with the kernel flipped. It is conv2d of dout with w as it stands."""
    flipped = cache._replace(w=cache.w[:, :, ::-1, ::-1])
    return (
        conv2d_transpose_backward(dout, flipped)[0],
        *conv2d_transpose_backward(dout, cache)[1:],
    )


def dx_at_stride_one(dout: Array, cache: Cache) -> Any:
    """dx reads dout one pixel apart. Windows over dout are `stride` apart, as in the forward."""
    dense = cache._replace(windows=replace(cache.windows, stride=(1, 1)))
    win = dense.windows
    grown = replace(win, size=win.padded, padding=((0, 0), (0, 0)))
    whole = np.zeros_like(dout, shape=(*dout.shape[:2], *cache.windows.padded))
    cache.windows.crop(whole)[...] = dout
    cut = whole[..., : win.padded[0], : win.padded[1]]
    dx, _, _ = conv2d_transpose_backward(cut, dense._replace(windows=grown))
    return (dx, *conv2d_transpose_backward(dout, cache)[1:])


def dw_reversed(dout: Array, cache: Cache) -> Any:
    """dw comes out reversed. dw[u, v] pairs each pixel of x with the place where tap (u, v) wrote
    it."""
    dx, dw, db = conv2d_transpose_backward(dout, cache)
    return dx, dw[:, :, ::-1, ::-1], db


def db_averaged(dout: Array, cache: Cache) -> Any:
    """db is averaged. Sum dout over samples and pixels: the mean is the loss's affair."""
    dx, dw, db = conv2d_transpose_backward(dout, cache)
    return dx, dw, None if db is None else dout.mean(axis=(0, 2, 3))


def dout_cropped_in_place(dout: Array, cache: Cache) -> Any:
    """dout's border is set to zero in the caller's array. Work on a copy."""
    answer = conv2d_transpose_backward(dout.copy(), cache)
    dout[..., :1, :] = 0
    return answer


def _cache(x: Array, w: Array, b: Array | None, attributes: Any) -> Cache:
    return conv2d_transpose(x, w, b, **attributes)[1]


def _filters(cache: Cache) -> Array:
    return np.swapaxes(by_group(cache.w, cache.groups), 1, 2)


def _biased(out: Array, b: Array | None) -> Array:
    return out if b is None else out + b.reshape(-1, 1, 1)


def _scatter(x: Array, cache: Cache, win: Windows) -> Array:
    """The layer over x with these windows."""
    out = np.zeros_like(x, shape=(x.shape[0], cache.w.shape[1] * cache.groups, *win.size))
    win.scatter(_filters(cache) @ split_groups(x, cache.groups), out, slice(0, win.out[0]))
    return _biased(out, cache.b)
