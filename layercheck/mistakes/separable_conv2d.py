"""What people get wrong in separable_conv2d."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.conv2d import conv2d, conv2d_backward
from ref_layers.op import Array
from ref_layers.separable_conv2d import Cache, separable_conv2d, separable_conv2d_backward


def kernel_flipped(x: Array, w_depth: Array, w_point: Array, b: Any = None, **named: Any) -> Any:
    """The depthwise kernels are flipped: that is the convolution of signal processing. Layers use
    cross-correlation; do not reverse them."""
    _, cache = separable_conv2d(x, w_depth, w_point, b, **named)
    return separable_conv2d(x, w_depth[:, :, ::-1, ::-1], w_point, b, **named)[0], cache


def multipliers_interleaved(
    x: Array, w_depth: Array, w_point: Array, b: Any = None, **named: Any
) -> Any:
    """Depthwise filter k reads channel k % C. It reads channel k // M: the M filters of a channel
    are neighbours."""
    _, cache = separable_conv2d(x, w_depth, w_point, b, **named)
    order = np.arange(len(w_depth)).reshape(-1, x.shape[1]).T.reshape(-1)
    return separable_conv2d(x, w_depth[order], w_point[:, order], b, **named)[0], cache


def middle_channels_interleaved(
    x: Array, w_depth: Array, w_point: Array, b: Any = None, **named: Any
) -> Any:
    """The depthwise result is ordered m*C + c before the pointwise convolution. Its order is
    c*M + m."""
    _, cache = separable_conv2d(x, w_depth, w_point, b, **named)
    order = np.arange(len(w_depth)).reshape(x.shape[1], -1).T.reshape(-1)
    return separable_conv2d(x, w_depth, w_point[:, order], b, **named)[0], cache


def first_channel_read_by_all(
    x: Array, w_depth: Array, w_point: Array, b: Any = None, **named: Any
) -> Any:
    """Every depthwise filter reads the first channel. Filter c*M + m reads channel c."""
    _, cache = separable_conv2d(x, w_depth, w_point, b, **named)
    first = np.repeat(x[:, :1], x.shape[1], axis=1)
    return separable_conv2d(first, w_depth, w_point, b, **named)[0], cache


def channels_mixed_in_the_first_step(
    x: Array, w_depth: Array, w_point: Array, b: Any = None, **named: Any
) -> Any:
    """The first step sums over the channels, as a full convolution does. Depthwise keeps them
    apart."""
    _, cache = separable_conv2d(x, w_depth, w_point, b, **named)
    mixed = np.broadcast_to(x.sum(axis=1, keepdims=True), x.shape)
    return separable_conv2d(mixed, w_depth, w_point, b, **named)[0], cache


def dilation_ignored(
    x: Array, w_depth: Array, w_point: Array, b: Any = None, *, dilation: Any = 1, **named: Any
) -> Any:
    """The taps of a dilated kernel are read side by side. Step `dilation` pixels between taps."""
    right, cache = separable_conv2d(x, w_depth, w_point, b, dilation=dilation, **named)
    named["padding"] = cache.depth.windows.padding
    dense, _ = separable_conv2d(x, w_depth, w_point, b, **named)
    return dense[:, :, : right.shape[2], : right.shape[3]], cache


def bias_before_the_pointwise_step(
    x: Array, w_depth: Array, w_point: Array, b: Any = None, **named: Any
) -> Any:
    """The bias is added before the pointwise weights, which multiply it. Add b[f] after them."""
    right, cache = separable_conv2d(x, w_depth, w_point, b, **named)
    if b is None:
        return right, cache
    grown = (b * w_point.sum(axis=(1, 2, 3))).reshape(-1, 1, 1)
    return separable_conv2d(x, w_depth, w_point, **named)[0] + grown, cache


def bias_missing(x: Array, w_depth: Array, w_point: Array, b: Any = None, **named: Any) -> Any:
    """The bias is not added. Add b[f] to every pixel of output channel f."""
    _, cache = separable_conv2d(x, w_depth, w_point, b, **named)
    return separable_conv2d(x, w_depth, w_point, **named)[0], cache


def relu_between(x: Array, w_depth: Array, w_point: Array, b: Any = None, **named: Any) -> Any:
    """A ReLU stands between the two steps. A separable convolution is linear."""
    _, cache = separable_conv2d(x, w_depth, w_point, b, **named)
    middle = np.maximum(cache.point.x, 0)
    return conv2d(middle, w_point, b)[0], cache


def dw_point_from_the_input(dout: Array, cache: Cache) -> Any:
    """dw_point pairs dout with x, not with what the pointwise step read. Keep the depthwise result
    for backward."""
    dx, dw_depth, dw_point, db = separable_conv2d_backward(dout, cache)
    win, m = cache.depth.windows, len(cache.depth.w) // cache.depth.x.shape[1]
    seen = np.repeat(win.tap(win.pad(cache.depth.x), 0, 0), m, axis=1)
    dw_point = conv2d_backward(dout, cache.point._replace(x=seen))[1]
    return dx, dw_depth, dw_point, db


def pointwise_step_forgotten(dout: Array, cache: Cache) -> Any:
    """dx and dw_depth come from dout's first channel, as if there were no pointwise step. Take dout
    through the pointwise weights first."""
    _, _, dw_point, db = separable_conv2d_backward(dout, cache)
    dmiddle = np.repeat(dout[:, :1], len(cache.depth.w), axis=1)
    dx, dw_depth, _ = conv2d_backward(dmiddle, cache.depth)
    return dx, dw_depth, dw_point, db


def dx_kernel_flipped(dout: Array, cache: Cache) -> Any:
    """dx is made with the depthwise kernels flipped. Scatter them as the forward read them."""
    flipped = cache._replace(depth=cache.depth._replace(w=cache.depth.w[:, :, ::-1, ::-1]))
    return (
        separable_conv2d_backward(dout, flipped)[0],
        *separable_conv2d_backward(dout, cache)[1:],
    )


def dw_depth_reversed(dout: Array, cache: Cache) -> Any:
    """dw_depth comes out reversed, since correlation's arguments are swapped. dw[u, v] pairs its
    gradient with the pixels that tap (u, v) saw."""
    dx, dw_depth, dw_point, db = separable_conv2d_backward(dout, cache)
    return dx, dw_depth[:, :, ::-1, ::-1], dw_point, db


def dw_depth_summed_over_channels(dout: Array, cache: Cache) -> Any:
    """dw_depth is summed over the channels, as if all shared one filter. Every channel has
    its own."""
    dx, dw_depth, dw_point, db = separable_conv2d_backward(dout, cache)
    return dx, np.broadcast_to(dw_depth.sum(axis=0), dw_depth.shape).copy(), dw_point, db


def db_averaged(dout: Array, cache: Cache) -> Any:
    """db is averaged. Sum dout over samples and pixels: the mean is the loss's affair."""
    *others, db = separable_conv2d_backward(dout, cache)
    return *others, None if db is None else dout.mean(axis=(0, 2, 3))
