"""Separable 2-D convolution: one filter or more a channel, then a 1x1 convolution over channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from . import conv2d as full
from .arrays import require
from .conv2d import conv2d, conv2d_backward
from .op import Array, Op, Tensor
from .windows import Padding


class Cache(NamedTuple):
    """What backward needs."""

    depth: full.Cache
    point: full.Cache


def separable_conv2d(
    x: Array,
    w_depth: Array,
    w_point: Array,
    b: Array | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
) -> tuple[Array, Cache]:
    """out = conv2d(conv2d(x, w_depth, groups=C), w_point, b): depthwise, then pointwise.

    x: (N, C, H, W) · w_depth: (C*M, 1, KH, KW) · w_point: (F, C*M, 1, 1) · b: (F,) or None ->
    out: (N, F, OH, OW), cache. Depthwise filter c*M + m reads channel c alone (M: multiplier).
    stride, padding, dilation: of the depthwise convolution, as in conv2d.

    Raises ValueError where shapes do not fit.
    Source: Chollet, Xception, 2017; tf.nn.separable_conv2d (there w_depth is (KH, KW, C, M)).

    >>> import numpy as np
    >>> x = np.arange(8.0).reshape(1, 2, 2, 2)
    >>> depth = np.ones((2, 1, 2, 2))  # sums each channel: 6 and 22
    >>> separable_conv2d(x, depth, np.array([10.0, 1.0]).reshape(1, 2, 1, 1))[0].ravel()
    array([82.])
    """
    check_shapes(x, w_depth, w_point)
    middle, depth = conv2d(
        x, w_depth, stride=stride, padding=padding, dilation=dilation, groups=x.shape[1]
    )
    out, point = conv2d(middle, w_point, b)  # (N, C*M, OH, OW) -> (N, F, OH, OW)
    return out, Cache(depth, point)


def separable_conv2d_backward(
    dout: Array, cache: Cache
) -> tuple[Array, Array, Array, Array | None]:
    """dout: (N, F, OH, OW) -> dx, dw_depth, dw_point: as the inputs, db: (F,) or None."""
    dmiddle, dw_point, db = conv2d_backward(dout, cache.point)
    dx, dw_depth, _ = conv2d_backward(dmiddle, cache.depth)
    return dx, dw_depth, dw_point, db


def check_shapes(x: Array, w_depth: Array, w_point: Array) -> None:
    """Raise ValueError where shapes or attributes do not fit."""
    require("separable_conv2d x", x.ndim == 4, x.shape, "(N, C, H, W)")
    c = x.shape[1]
    depthwise = w_depth.ndim == 4 and w_depth.shape[1] == 1 and w_depth.shape[0] % c == 0
    require("separable_conv2d w_depth", depthwise, w_depth.shape, f"({c}*M, 1, KH, KW)")
    pointwise = w_point.ndim == 4 and w_point.shape[1:] == (w_depth.shape[0], 1, 1)
    require("separable_conv2d w_point", pointwise, w_point.shape, f"(F, {w_depth.shape[0]}, 1, 1)")


OP = Op(
    forward=separable_conv2d,
    backward=separable_conv2d_backward,
    inputs={
        "x": Tensor("N C H W"),
        "w_depth": Tensor("C*M one KH KW", draw="weight"),
        "w_point": Tensor("F C*M one one", draw="weight"),
        "b": Tensor("F", draw="weight", optional=True),
    },
    linear=True,
)
