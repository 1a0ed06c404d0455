"""Leaky rectified linear unit: negative numbers are scaled down."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .op import Array, Op, Tensor


class Cache(NamedTuple):
    """What leaky_relu_backward reads."""

    x: Array
    negative_slope: float


def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> tuple[Array, Cache]:
    """out = x where x > 0, else negative_slope * x.

    x: any shape -> out: as x, cache. negative_slope: 0.01 as in torch (tf.nn's default is 0.2).
    Source: Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models,
    2013.

    >>> out, _ = leaky_relu(np.array([-2.0, 0.0, 3.0]), negative_slope=0.25)
    >>> out
    array([-0.5,  0. ,  3. ])
    """
    return np.where(x > 0, x, negative_slope * x), Cache(x, negative_slope)


def leaky_relu_backward(dout: Array, cache: Cache) -> Array:
    """dout: as x -> dx = dout where x > 0, else negative_slope * dout; so, too, at x = 0."""
    x, negative_slope = cache
    return np.where(x > 0, dout, negative_slope * dout)


OP = Op(
    forward=leaky_relu,
    backward=leaky_relu_backward,
    inputs={"x": Tensor("N C H W")},
)
