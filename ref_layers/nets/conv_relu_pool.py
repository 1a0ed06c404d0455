"""The sandwich of convolutional nets: convolution, relu, max pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ref_layers.conv2d import conv2d, conv2d_backward
from ref_layers.max_pool import max_pool, max_pool_backward
from ref_layers.op import Array
from ref_layers.relu import relu, relu_backward
from ref_layers.windows import Padding


class Cache(NamedTuple):
    """What backward needs, by layer."""

    conv: Any
    relu: Any
    pool: Any


def conv_relu_pool(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    pool_size: int | Sequence[int] = 2,
) -> tuple[Array, Cache]:
    """out = max_pool(relu(conv2d(x, w, b))).

    x: (N, C, H, W) · w: (F, C, KH, KW) · b: (F,) or None -> out: (N, F, OH, OW), cache.
    stride, padding: of the convolution. pool_size: kernel and stride of the pooling.
    Raises ValueError where shapes do not fit.
    """
    features, conv = conv2d(x, w, b, stride=stride, padding=padding)
    active, rectified = relu(features)
    out, pool = max_pool(active, kernel_size=pool_size)
    return out, Cache(conv, rectified, pool)


def conv_relu_pool_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """dout: as out -> dx: (N, C, H, W), dw: (F, C, KH, KW), db: (F,) or None."""
    dactive = max_pool_backward(dout, cache.pool)
    return conv2d_backward(relu_backward(dactive, cache.relu), cache.conv)
