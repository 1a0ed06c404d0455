"""What people get wrong in conv2d."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ref_layers.conv2d import Cache, conv2d, conv2d_backward
from ref_layers.op import Array
from ref_layers.windows import pair

from ._conv2d import dw_of, shares_of

ALSO = ("conv2d_groups",)


def kernel_flipped(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The kernel is flipped: that is the convolution of signal processing. Layers use
    cross-correlation; do not reverse w."""
    return conv2d(x, w[:, :, ::-1, ::-1], b, **attributes)


def stride_ignored(
    x: Array, w: Array, b: Array | None = None, *, stride: Any = 1, **attributes: Any
) -> Any:
    """Windows start at i, j in place of i*stride, j*stride. Multiply the output's index by the
    stride to find where its window starts."""
    right, cache = conv2d(x, w, b, stride=stride, **attributes)
    size = {
        "padding": cache.windows.padding,
        **{k: v for k, v in attributes.items() if k != "padding"},
    }
    every, _ = conv2d(x, w, b, stride=1, **size)
    return every[:, :, : right.shape[2], : right.shape[3]], cache


def padding_ignored(
    x: Array, w: Array, b: Array | None = None, *, padding: Any = 0, **attributes: Any
) -> Any:
    """The unpadded image is convolved: windows start inside it and the border stays zero. Slide the
    windows over the padded image."""
    _, cache = conv2d(x, w, b, padding=padding, **attributes)
    moved = np.roll(x, [side[0] for side in cache.windows.padding], (2, 3))
    return conv2d(moved, w, b, padding=padding, **attributes)[0], cache


def bias_in_the_sum(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The bias is added inside the sum over channels, so C times. Add it once, after the sum."""
    right, cache = conv2d(x, w, b, **attributes)
    return (right if b is None else right + (w.shape[1] - 1) * b.reshape(-1, 1, 1)), cache


def bias_missing(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The bias is not added. Add b[f] to every pixel of output channel f."""
    return conv2d(x, w, None, **attributes)[0], conv2d(x, w, b, **attributes)[1]


def dilation_ignored(
    x: Array, w: Array, b: Array | None = None, *, dilation: Any = 1, **attributes: Any
) -> Any:
    """The taps of a dilated kernel are read side by side. Step `dilation` pixels between taps."""
    right, cache = conv2d(x, w, b, dilation=dilation, **attributes)
    attributes["padding"] = cache.windows.padding
    dense, _ = conv2d(x, w, b, dilation=1, **attributes)
    return dense[:, :, : right.shape[2], : right.shape[3]], cache


def same_taken_for_half_the_kernel(
    x: Array, w: Array, b: Array | None = None, *, padding: Any = 0, **attributes: Any
) -> Any:
    """TensorFlow's "same" is taken for kernel // 2 on every side. With a stride its padding is
    smaller, and the odd pixel lies at the bottom and right: ceil(size / stride) windows."""
    right, cache = conv2d(x, w, b, padding=padding, **attributes)
    if padding != "same":
        return right, cache
    half = tuple((k // 2, k // 2) for k in cache.windows.extent)
    out = conv2d(x, w, b, padding=half, **attributes)[0]
    return out[:, :, : right.shape[2], : right.shape[3]], cache


def output_size_rounded_up(
    x: Array, w: Array, b: Array | None = None, *, stride: Any = 1, **attributes: Any
) -> Any:
    """The output size is rounded up, so that a last window hangs over the edge. Use
    floor((H + 2p - K) / stride) + 1."""
    _, cache = conv2d(x, w, b, stride=stride, **attributes)
    s = pair(stride, "stride")
    grown = np.pad(x, ((0, 0), (0, 0), (0, s[0] - 1), (0, s[1] - 1)))
    attributes["padding"] = cache.windows.padding
    return conv2d(grown, w, b, stride=stride, **attributes)[0], cache


def height_for_width(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The output's width is computed from the height. Use W and KW for the width."""
    right, cache = conv2d(x, w, b, **attributes)
    out = np.zeros_like(right, shape=(*right.shape[:3], right.shape[2]))
    width = min(right.shape[2:])
    out[..., :width] = right[..., :width]
    return out, cache


def kernel_height_for_its_width(
    x: Array, w: Array, b: Array | None = None, **attributes: Any
) -> Any:
    """The kernel's height is used for its width: columns beyond are left out. The window is KH by
    KW."""
    cut = w.copy()
    cut[..., w.shape[2] :] = 0
    return conv2d(x, cut, b, **attributes)[0], conv2d(x, w, b, **attributes)[1]


def padding_fixed_to_one(
    x: Array, w: Array, b: Array | None = None, *, padding: Any = 0, **attributes: Any
) -> Any:
    """The image is padded by 1 whatever padding says. Use the argument."""
    return conv2d(x, w, b, padding=1, **attributes)


def output_size_without_the_stride(
    x: Array, w: Array, b: Array | None = None, *, stride: Any = 1, **attributes: Any
) -> Any:
    """The output is as large as with a stride of 1; what lies beyond the last window stays zero.
    The stride divides: floor((H + 2p - K) / stride) + 1."""
    right, cache = conv2d(x, w, b, stride=stride, **attributes)
    attributes["padding"] = cache.windows.padding
    out = np.zeros_like(conv2d(x, w, b, **attributes)[0])
    out[:, :, : right.shape[2], : right.shape[3]] = right
    return out, cache


def bias_at_every_tap(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The bias is added inside the innermost sum, so C*KH*KW times. Add it once, after the sum."""
    right, cache = conv2d(x, w, b, **attributes)
    more = w.shape[1] * w.shape[2] * w.shape[3] - 1
    return (right if b is None else right + more * b.reshape(-1, 1, 1)), cache


def batch_mixed(x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
    """The columns of all samples are reshaped to (N, F, ...) without a transpose, which mixes the
    batch. The matrix product gives (F, N*OH*OW): reshape to (F, N, OH, OW), then transpose."""
    right, cache = conv2d(x, w, b, **attributes)
    return right.swapaxes(0, 1).reshape(right.shape), cache


def dx_assigned(dout: Array, cache: Cache) -> Any:
    """'=' in place of '+=' on dx: where windows overlap, only the last one counts. Accumulate."""
    win, shares = cache.windows, shares_of(dout, cache)
    dpadded = win.pad(np.zeros_like(cache.x))
    for i, j in np.ndindex(*win.out):
        rows, places = (
            slice(at * s, at * s + extent, d)
            for at, s, extent, d in zip((i, j), win.stride, win.extent, win.dilation, strict=True)
        )
        dpadded[:, :, rows, places] = shares[..., i, j]
    return (win.crop(dpadded), *conv2d_backward(dout, cache)[1:])


def dx_assigned_tap_by_tap(dout: Array, cache: Cache) -> Any:
    """'=' in place of '+=' on dx, or '+=' through index arrays, which adds once for each pixel:
    where windows overlap, only one counts. Accumulate, or use np.add.at."""
    win, shares = cache.windows, shares_of(dout, cache)
    dpadded = win.pad(np.zeros_like(cache.x))
    for i, j in win.taps:
        win.tap(dpadded, i, j)[...] = shares[:, :, i, j]
    return (win.crop(dpadded), *conv2d_backward(dout, cache)[1:])


def dx_not_cropped(dout: Array, cache: Cache) -> Any:
    """dx is cut from the padded gradient at its corner, not at the padding. Crop
    [top : top + H, left : left + W]."""
    dx, dw, db = conv2d_backward(dout, cache)
    win = cache.windows
    return win.pad(dx)[..., : win.size[0], : win.size[1]], dw, db


def dx_crops_swapped(dout: Array, cache: Cache) -> Any:
    """dx is cropped by the padding of the other axis. Height takes (top, bottom), width
    (left, right)."""
    dx, dw, db = conv2d_backward(dout, cache)
    (top, _), (left, _) = cache.windows.padding
    return np.roll(dx, (top - left, left - top), (2, 3)), dw, db


def dx_kernel_flipped(dout: Array, cache: Cache) -> Any:
    """dx is made with the kernel flipped. Scatter w itself, as the forward read it."""
    flipped = cache._replace(w=cache.w[:, :, ::-1, ::-1])
    return (conv2d_backward(dout, flipped)[0], *conv2d_backward(dout, cache)[1:])


def dw_reversed(dout: Array, cache: Cache) -> Any:
    """dw comes out reversed, since correlation's arguments are swapped. dw[u, v] pairs dout with
    the pixels that tap (u, v) saw."""
    dx, dw, db = conv2d_backward(dout, cache)
    return dx, dw[:, :, ::-1, ::-1], db


def db_averaged(dout: Array, cache: Cache) -> Any:
    """db is averaged. Sum dout over samples and pixels: the mean is the loss's affair."""
    dx, dw, db = conv2d_backward(dout, cache)
    return dx, dw, db if db is None else dout.mean(axis=(0, 2, 3))


def db_as_a_row(dout: Array, cache: Cache) -> Any:
    """db has shape (1, F). A gradient has the shape of its parameter, (F,)."""
    dx, dw, db = conv2d_backward(dout, cache)
    return dx, dw, None if db is None else db.reshape(1, -1)


def remainder_lost(dout: Array, cache: Cache) -> Any:
    """dx has the size that the windows cover; rows that no window reaches are missing. Start from
    zeros of x's shape."""
    dx, dw, db = conv2d_backward(dout, cache)
    win = cache.windows
    reach = [
        min(n, (o - 1) * s + k - p[0])
        for n, o, s, k, p in zip(
            win.size, win.out, win.stride, win.extent, win.padding, strict=True
        )
    ]
    return dx[:, :, : reach[0], : reach[1]], dw, db


def dx_of_the_last_filter(dout: Array, cache: Cache) -> Any:
    """'=' in place of '+=' on dx inside the loop over filters: of each window the last filter's
    share is left, and where windows overlap the last one's. Accumulate."""
    last = dout.copy()
    per_group = dout.shape[1] // cache.groups
    last[:, np.arange(dout.shape[1]) % per_group != per_group - 1] = 0
    return (dx_assigned(last, cache)[0], *conv2d_backward(dout, cache)[1:])


def dx_cropped_with_minus_p(dout: Array, cache: Cache) -> Any:
    """dx is cropped by [p:-p], which is empty at padding 0. Crop [p : p + H]."""
    dx, dw, db = conv2d_backward(dout, cache)
    places = [slice(near, -far) for near, far in cache.windows.padding]
    return cache.windows.pad(dx)[..., places[0], places[1]], dw, db


def dx_cropped_by_one(dout: Array, cache: Cache) -> Any:
    """dx is cropped by one pixel on each side whatever padding says. Crop by the padding."""
    dx, dw, db = conv2d_backward(dout, cache)
    return cache.windows.pad(dx)[..., 1:-1, 1:-1], dw, db


def dx_as_with_stride_one(dout: Array, cache: Cache) -> Any:
    """The windows' gradients are put side by side in dx, as if the stride were 1. Window i begins
    at i * stride."""
    win = cache.windows
    _, dw, db = conv2d_backward(dout, cache)
    close = cache._replace(windows=replace(win, stride=(1, 1)))
    return conv2d_backward(dout, close)[0], dw, db


def dw_assigned(dout: Array, cache: Cache) -> Any:
    """'=' in place of '+=' on dw: the last window of the last sample is all that is left.
    Accumulate."""
    return dw_of(dout, cache, np.s_[-1, :, -1, -1])


def dw_of_the_last_window(dout: Array, cache: Cache) -> Any:
    """'=' in place of '+=' on dw inside the loop over windows: the last one's share of all samples
    is all that is left. Accumulate."""
    return dw_of(dout, cache, np.s_[..., -1, -1])


def dw_of_the_last_sample(dout: Array, cache: Cache) -> Any:
    """dw is overwritten by each sample: the last one's is all that is left. Accumulate over the
    batch."""
    return dw_of(dout, cache, np.s_[-1])


def dw_averaged(dout: Array, cache: Cache) -> Any:
    """dw is divided by the number of samples. Sum: the mean is the loss's affair."""
    dx, dw, db = conv2d_backward(dout, cache)
    return dx, dw / len(dout), db


def dw_from_the_unpadded_image(dout: Array, cache: Cache) -> Any:
    """dw reads the image without its padding. Read the padded one, as the forward did."""
    dx, _, db = conv2d_backward(dout, cache)
    top_bottom, left_right = ((0, sum(sides)) for sides in cache.windows.padding)
    moved = replace(cache.windows, padding=(top_bottom, left_right))
    return dx, conv2d_backward(dout, cache._replace(windows=moved))[1], db


def db_summed_over_the_batch_alone(dout: Array, cache: Cache) -> Any:
    """db is summed over the samples alone and keeps the pixels. Sum over (0, 2, 3): one number for
    each filter."""
    dx, dw, db = conv2d_backward(dout, cache)
    return dx, dw, None if db is None else dout.sum(axis=0)
