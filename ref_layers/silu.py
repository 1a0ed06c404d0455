"""Sigmoid linear unit (swish): each number is scaled by its own sigmoid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .op import Array, Op, Tensor
from .sigmoid import sigmoid
from .special import SATURATED, number


class Cache(NamedTuple):
    """What silu_backward reads."""

    x: Array
    share: Array


def silu(x: Array) -> tuple[Array, Cache]:
    """out = x * sigmoid(x).

    x: any shape -> out: as x, cache.
    Source: Elfwing, Uchibe and Doya, Sigmoid-Weighted Linear Units for Neural Network Function
    Approximation in Reinforcement Learning, 2017, equation 5.

    >>> import numpy as np
    >>> silu(np.array([-1000.0, 0.0, 1000.0]))[0]
    array([  -0.,    0., 1000.])
    """
    share, _ = sigmoid(x)
    return x * share, Cache(x, share)


def silu_backward(dout: Array, cache: Cache) -> Array:
    """dout: as x -> dx = dout * share * (1 + x * (1 - share)), share being sigmoid(x)."""
    x, share = cache
    rest = np.where(x > SATURATED, number(x, 0), 1 - share)
    dx: Array = dout * share * (1 + x * rest)
    return dx


OP = Op(
    forward=silu,
    backward=silu_backward,
    inputs={"x": Tensor("N C H W")},
)
