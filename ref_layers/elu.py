"""Exponential linear unit: negative numbers bend towards a floor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .op import Array, Op, Tensor
from .special import number


class Cache(NamedTuple):
    """What elu_backward reads."""

    x: Array
    alpha: float


def elu(x: Array, *, alpha: float = 1.0) -> tuple[Array, Cache]:
    """out = x where x > 0, else alpha * (exp(x) - 1).

    x: any shape -> out: as x, cache. alpha: out tends to -alpha (tf.nn.elu has 1 only). exp(x) - 1
    is expm1(x), which keeps the digits of small x.
    Source: Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning by
    Exponential Linear Units, 2015, equation 15.

    >>> elu(np.array([-1000.0, 0.0, 3.0]), alpha=0.5)[0]
    array([-0.5,  0. ,  3. ])
    """
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, number(x, 0)))), Cache(x, alpha)


def elu_backward(dout: Array, cache: Cache) -> Array:
    """dout: as x -> dx = dout where x > 0, else dout * alpha * exp(x); so, too, at x = 0."""
    x, alpha = cache
    return np.where(x > 0, dout, dout * (alpha * np.exp(np.minimum(x, number(x, 0)))))


OP = Op(
    forward=elu,
    backward=elu_backward,
    inputs={"x": Tensor("N C H W")},
)
