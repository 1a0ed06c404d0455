"""What people get wrong in avg_pool."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ref_layers.avg_pool import Cache, avg_pool, avg_pool_backward
from ref_layers.op import Array
from ref_layers.windows import pair


def summed_only(x: Array, **attributes: Any) -> Any:
    """Windows are summed, not averaged. Divide by how many pixels count."""
    _, cache = avg_pool(x, **attributes)
    return avg_pool(x, **{**attributes, "divisor_override": 1})[0], cache


def maximum_for_the_mean(x: Array, **attributes: Any) -> Any:
    """The largest value of each window is taken: that is max pooling. Take the mean."""
    _, cache = avg_pool(x, **attributes)
    padded = cache.windows.pad(x)
    return np.max([cache.windows.tap(padded, i, j) for i, j in cache.windows.taps], axis=0), cache


def stride_of_one_by_default(x: Array, *, stride: Any = None, **attributes: Any) -> Any:
    """Without a stride the windows move by one pixel. Pooling's stride is the kernel's size by
    default."""
    return avg_pool(x, stride=1 if stride is None else stride, **attributes)


def stride_ignored(x: Array, **attributes: Any) -> Any:
    """Windows start at i, j in place of i*stride, j*stride. Multiply the output's index by the
    stride to find where its window starts."""
    right, cache = avg_pool(x, **attributes)
    attributes |= {"stride": 1, "padding": cache.windows.padding}
    return avg_pool(x, **attributes)[0][:, :, : right.shape[2], : right.shape[3]], cache


def kernel_height_for_its_width(x: Array, *, kernel_size: Any, **attributes: Any) -> Any:
    """The sum is divided by the kernel's height squared. Divide by height times width."""
    right, cache = avg_pool(x, kernel_size=kernel_size, **attributes)
    kh, kw = pair(kernel_size, "kernel_size")
    return (right * kw / kh).astype(x.dtype), cache


def overhang_counted(x: Array, **attributes: Any) -> Any:
    """Every window is divided by the kernel's size, also where ceil_mode or padding leaves it fewer
    pixels. Divide by the pixels that count."""
    right, cache = avg_pool(x, **attributes)
    if attributes.get("divisor_override") is not None:
        return right, cache
    kh, kw = cache.windows.kernel
    return (right * cache.divisors / (kh * kw)).astype(x.dtype), cache


def divisor_override_ignored(x: Array, *, divisor_override: Any = None, **attributes: Any) -> Any:
    """divisor_override is ignored. Where it is given, divide every sum by it."""
    return avg_pool(x, **attributes)


def ceil_mode_ignored(x: Array, *, ceil_mode: bool = False, **attributes: Any) -> Any:
    """The last window that hangs over the edge is left out. With ceil_mode round the output's size
    up."""
    return avg_pool(x, **attributes)


def padding_ignored(x: Array, **attributes: Any) -> Any:
    """Windows start inside the image, not in its padding. Slide them over the padded image."""
    _, cache = avg_pool(x, **attributes)
    moved = np.roll(x, [-side[0] for side in cache.windows.padding], (2, 3))
    return avg_pool(moved, **attributes)[0], cache


def dx_assigned(dout: Array, cache: Cache) -> Any:
    """'=' in place of '+=' on dx: where windows overlap, only the last one counts. Accumulate."""
    win = cache.windows
    shares = dout / cache.divisors
    dpadded = np.zeros_like(dout, shape=(*dout.shape[:2], *win.padded))
    for i in range(win.out[0]):
        for j in range(win.out[1]):
            top, left = i * win.stride[0], j * win.stride[1]
            window = (..., slice(top, top + win.kernel[0]), slice(left, left + win.kernel[1]))
            dpadded[window] = shares[:, :, i : i + 1, j : j + 1]
    return win.crop(dpadded)


def dx_not_divided(dout: Array, cache: Cache) -> Any:
    """Every pixel of a window gets the whole gradient. Divide it by how many pixels count."""
    return avg_pool_backward(dout, cache._replace(divisors=1))


def dx_to_one_pixel(dout: Array, cache: Cache) -> Any:
    """The gradient goes to the first pixel of each window. Every pixel gets a share."""
    win = cache.windows
    dpadded = np.zeros_like(dout, shape=(*dout.shape[:2], *win.padded))
    win.tap(dpadded, 0, 0)[...] += dout
    return win.crop(dpadded)


def dx_not_cropped(dout: Array, cache: Cache) -> Any:
    """dx is cut from the padded gradient at its corner, not at the padding. Crop
    [top : top + H, left : left + W]."""
    win = cache.windows
    return win.pad(avg_pool_backward(dout, cache))[..., : win.size[0], : win.size[1]]


def dx_divided_by_the_kernel(dout: Array, cache: Cache) -> Any:
    """Backward divides by the kernel's size where forward divided by fewer pixels. Keep forward's
    divisors."""
    return avg_pool_backward(dout, cache._replace(divisors=int(np.prod(cache.windows.kernel))))


def remainder_lost(dout: Array, cache: Cache) -> Any:
    """dx has the size that the windows cover; rows that no window reaches are missing. Start from
    zeros of x's shape."""
    win = cache.windows
    ends = zip(win.size, win.out, win.stride, win.kernel, win.padding, strict=True)
    h, w = (min(n, (o - 1) * s + k - p[0]) for n, o, s, k, p in ends)
    return avg_pool_backward(dout, cache)[:, :, :h, :w]


def dx_cropped_with_minus_p(dout: Array, cache: Cache) -> Any:
    """dx is cropped by [p:-p], which is empty at padding 0. Crop [p : p + H]."""
    win = cache.windows
    places = [slice(near, -far) for near, far in win.padding]
    return win.pad(avg_pool_backward(dout, cache))[..., places[0], places[1]]


def dx_as_with_stride_one(dout: Array, cache: Cache) -> Any:
    """The windows' shares are put side by side in dx, as if the stride were 1. Window i begins at
    i * stride."""
    return avg_pool_backward(dout, cache._replace(windows=replace(cache.windows, stride=(1, 1))))
