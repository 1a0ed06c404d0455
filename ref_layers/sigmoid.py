"""Logistic sigmoid: any number becomes one between 0 and 1."""

from __future__ import annotations

import numpy as np

from .arrays import each_number
from .op import Array, Op, Tensor


def sigmoid(x: Array) -> tuple[Array, Array]:
    """out = 1 / (1 + exp(-x)).

    x: any shape -> out: as x, and out as the cache. exp is taken of -|x| only, which never
    overflows: for x < 0 the same formula reads exp(x) / (1 + exp(x)).
    Source: Stanford CS231n, Neural Networks 1, 'Commonly used activation functions'.

    >>> out, _ = sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    >>> out
    array([0. , 0.5, 1. ])
    """
    out: Array = each_number(logistic, x)
    return out, out


def logistic(x: Array) -> Array:
    """sigmoid(x), of any number of numbers."""
    z = np.exp(-np.abs(x))
    share: Array = np.where(x >= 0, 1, z) / (1 + z)
    return share


def sigmoid_backward(dout: Array, out: Array) -> Array:
    """dout: as x -> dx = dout * out * (1 - out)."""
    dx: Array = dout * out * (1 - out)
    return dx


OP = Op(
    forward=sigmoid,
    backward=sigmoid_backward,
    inputs={"x": Tensor("N C H W")},
)
