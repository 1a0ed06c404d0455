"""What people get wrong in max_pool."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.max_pool import Cache, max_pool, max_pool_backward
from ref_layers.op import Array
from ref_layers.windows import pair


def padded_with_zeros(
    x: Array, *, padding: Any = 0, return_indices: bool = False, **attributes: Any
) -> Any:
    """The border is filled with 0: where a whole window is negative, the border wins. Fill it with
    -inf, which no pixel loses to."""
    right, cache = max_pool(x, padding=padding, return_indices=return_indices, **attributes)
    if any(side for sides in cache.windows.padding for side in sides):
        inside = cache.windows.pad(np.ones((1, 1, *cache.windows.size), bool), False)
        seen = [cache.windows.tap(inside, i, j) for i, j in cache.windows.taps]
        out = right[0] if return_indices else right
        wrong = np.where(np.all(seen, axis=0), out, np.maximum(out, np.zeros_like(out)))
        return ((wrong, right[1]) if return_indices else wrong), cache
    return right, cache


def returned_inside_the_loop(x: Array, **attributes: Any) -> Any:
    """`return` stands inside the loop over samples, so that all but the first stay zero. Return
    after the loops."""
    right, cache = max_pool(x, **attributes)
    outs = right if isinstance(right, tuple) else (right,)
    cut = tuple(np.concatenate([o[:1], np.zeros_like(o[1:])]) for o in outs)
    return (cut if isinstance(right, tuple) else cut[0]), cache


def stride_of_one_by_default(x: Array, *, stride: Any = None, **attributes: Any) -> Any:
    """Without a stride the windows move by one pixel. Pooling's stride is the kernel's size by
    default."""
    return max_pool(x, stride=1 if stride is None else stride, **attributes)


def ceil_mode_ignored(x: Array, *, ceil_mode: bool = False, **attributes: Any) -> Any:
    """The last window that hangs over the edge is left out. With ceil_mode round the output's size
    up."""
    return max_pool(x, **attributes)


def output_size_rounded_up(x: Array, *, ceil_mode: bool = False, **attributes: Any) -> Any:
    """The output's size is always rounded up. Use floor((H + 2p - K) / stride) + 1 unless ceil_mode
    is asked for."""
    return max_pool(x, ceil_mode=True, **attributes)


def dilation_ignored(x: Array, *, dilation: Any = 1, **attributes: Any) -> Any:
    """The taps of a dilated window are read side by side. Step `dilation` pixels between taps."""
    return max_pool(x, **attributes)


def kernel_sides_swapped(x: Array, *, kernel_size: Any, **attributes: Any) -> Any:
    """The kernel's height is used for its width, and the reverse. kernel_size is (height,
    width)."""
    return max_pool(x, kernel_size=pair(kernel_size, "kernel_size")[::-1], **attributes)


def same_taken_for_half_the_kernel(x: Array, *, padding: Any = 0, **attributes: Any) -> Any:
    """TensorFlow's "same" is taken for kernel // 2 on every side. It gives ceil(size / stride)
    windows, the odd pixel at the bottom and right."""
    right, cache = max_pool(x, padding=padding, **attributes)
    if padding != "same":
        return right, cache
    return max_pool(x, padding=tuple((k // 2, k // 2) for k in cache.windows.extent), **attributes)


def height_for_width(x: Array, **attributes: Any) -> Any:
    """The output's width is computed from the height. Use W and the kernel's width."""
    right, cache = max_pool(x, **attributes)
    outs = right if isinstance(right, tuple) else (right,)
    width, kept = outs[0].shape[2], min(outs[0].shape[2:])
    made = tuple(np.zeros_like(o, shape=(*o.shape[:3], width)) for o in outs)
    for new, old in zip(made, outs, strict=True):
        new[..., :kept] = old[..., :kept]
    return (made if isinstance(right, tuple) else made[0]), cache


def indices_in_the_padded_image(x: Array, **attributes: Any) -> Any:
    """The indices count the border. They are h*W + w in the image itself: take the padding off."""
    right, cache = max_pool(x, **attributes)
    if not isinstance(right, tuple):
        return right, cache
    win = cache.windows
    h, w = np.divmod(right[1], win.size[1])
    return (right[0], (h + win.padding[0][0]) * win.padded[1] + w + win.padding[1][0]), cache


def indices_of_the_last_maximum(x: Array, **attributes: Any) -> Any:
    """Among equal maxima the last one's index is returned. torch and tf.nn name the first one in
    row-major order: replace it only by a larger one."""
    right, cache = max_pool(x, **attributes)
    if not isinstance(right, tuple):
        return right, cache
    last, win = _last(cache), cache.windows
    u, v = np.divmod(last, win.kernel[1])
    h = np.arange(win.out[0])[:, None] * win.stride[0] + u * win.dilation[0] - win.padding[0][0]
    w = np.arange(win.out[1]) * win.stride[1] + v * win.dilation[1] - win.padding[1][0]
    return (right[0], h * win.size[1] + w), cache


def input_sorted_in_place(x: Array, **attributes: Any) -> Any:
    """x is changed while it is read. Work on a copy: the caller still needs it."""
    answer = max_pool(x.copy(), **attributes)
    x.sort(axis=-1)
    return answer


def dx_assigned(dout: Array, cache: Cache) -> Any:
    """'=' in place of '+=' on dx: a pixel that won several windows keeps the last one's gradient
    only. Accumulate."""
    win, first, dpadded = cache.windows, cache.first, _zeros(cache)
    for i, j in np.ndindex(*win.out):
        for tap, (u, v) in enumerate(win.taps):
            h, w = i * win.stride[0] + u * win.dilation[0], j * win.stride[1] + v * win.dilation[1]
            place = dpadded[:, :, h, w]
            place[...] = np.where(first[:, :, i, j] == tap, dout[:, :, i, j], place)
    return win.crop(dpadded)


def dx_assigned_tap_by_tap(dout: Array, cache: Cache) -> Any:
    """'=' in place of '+=' on dx, place by place of all windows: a pixel that won several windows
    keeps one gradient only. Accumulate."""
    win, first, dpadded = cache.windows, cache.first, _zeros(cache)
    for tap, (i, j) in enumerate(win.taps):
        view = win.tap(dpadded, i, j)
        view[...] = np.where(first == tap, dout, view)
    return win.crop(dpadded)


def mask_assigned_over_the_window(dout: Array, cache: Cache) -> Any:
    """mask * dout is assigned to the whole window, which wipes what its neighbours had put there.
    Accumulate."""
    win, first, dpadded = cache.windows, cache.first, _zeros(cache)
    for i, j in np.ndindex(*win.out):
        for tap, (u, v) in enumerate(win.taps):
            h, w = i * win.stride[0] + u * win.dilation[0], j * win.stride[1] + v * win.dilation[1]
            dpadded[:, :, h, w] = np.where(first[:, :, i, j] == tap, dout[:, :, i, j], 0)
    return win.crop(dpadded)


def mask_with_a_tolerance(dout: Array, cache: Cache) -> Any:
    """The maximum is looked for with a tolerance, and a smaller pixel nearby wins. Compare exactly,
    or remember the maximum's place."""
    taps = _taps(cache)
    close = np.isclose(taps, taps.max(axis=0), rtol=1e-3)
    return max_pool_backward(dout, cache._replace(chosen=np.argmax(close, axis=0)))


def dx_in_integers(dout: Array, cache: Cache) -> Any:
    """dx starts as zeros_like of the integer indices, which cuts off every fraction. Start from
    zeros of x's dtype."""
    win, first = cache.windows, cache.first
    dpadded = np.zeros((*cache.x.shape[:2], *win.padded), int)
    for tap, (i, j) in enumerate(win.taps):
        win.tap(dpadded, i, j)[...] += np.where(first == tap, dout, 0).astype(int)
    return win.crop(dpadded).astype(cache.x.dtype)


def dx_averaged(dout: Array, cache: Cache) -> Any:
    """The gradient is spread evenly over the window, as average pooling does. All of it goes to the
    maximum."""
    taps = np.isfinite(_taps(cache))
    return _routed(dout / taps.sum(axis=0).astype(dout.dtype), cache, taps)


def dx_of_the_windows_sum(dout: Array, cache: Cache) -> Any:
    """Every pixel of a window gets its gradient, as if windows were summed. Only the maximum
    does."""
    return _routed(dout, cache, np.isfinite(_taps(cache)))


def dx_as_large_as_the_windows(dout: Array, cache: Cache) -> Any:
    """dx has the size that the windows cover; rows that no window reaches are missing. Start from
    zeros of x's shape."""
    win = cache.windows
    ends = zip(win.size, win.out, win.stride, win.extent, win.padding, strict=True)
    h, w = (min(n, (o - 1) * s + k - p[0]) for n, o, s, k, p in ends)
    return max_pool_backward(dout, cache)[:, :, :h, :w]


def _zeros(cache: Cache) -> Array:
    return np.zeros_like(cache.x, shape=(*cache.x.shape[:2], *cache.windows.padded))


def _taps(cache: Cache) -> Array:
    """(taps, N, C, OH, OW): what each tap of every window sees."""
    win, padded = cache.windows, cache.windows.pad(cache.x, -np.inf)
    return np.stack([win.tap(padded, i, j) for i, j in win.taps])


def _maxima(cache: Cache) -> Array:
    taps = _taps(cache)
    return np.asarray(taps == taps.max(axis=0))


def _last(cache: Cache) -> Array:
    maxima = _maxima(cache)
    return np.asarray(len(maxima) - 1 - np.argmax(maxima[::-1], axis=0))


def _routed(dout: Array, cache: Cache, chosen: Array) -> Array:
    """dout added to every chosen tap of its window."""
    win, dpadded = cache.windows, _zeros(cache)
    for (i, j), wins in zip(win.taps, chosen, strict=True):
        win.tap(dpadded, i, j)[...] += np.where(wins, dout, np.zeros_like(dout))
    return win.crop(dpadded)
