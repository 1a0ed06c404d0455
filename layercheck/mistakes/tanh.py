"""What people get wrong in tanh."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.op import Array
from ref_layers.sigmoid import sigmoid
from ref_layers.tanh import tanh, tanh_backward


def exp_overflows(x: Array) -> Any:
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)) is inf / inf where |x| is large, and cancels where it
    is small. Use np.tanh."""
    out = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
    return out, out


def by_sigmoid(x: Array) -> Any:
    """2 sigmoid(2x) - 1 loses the digits of small results. Use np.tanh."""
    out = 2 * sigmoid(2 * x)[0] - 1
    return out, out


def sigmoid_in_its_place(x: Array) -> Any:
    """sigmoid is returned, which goes from 0 to 1. tanh(x) is 2 sigmoid(2x) - 1."""
    out = sigmoid(x)[0]
    return out, out


def half_as_steep(x: Array) -> Any:
    """2 sigmoid(x) - 1 is tanh(x / 2). Double x first."""
    return tanh(x / 2)


def hard(x: Array) -> Any:
    """x is cut off at -1 and 1: that is hardtanh. Use np.tanh."""
    out = np.clip(x, -1, 1)
    return out, out


def promoted_to_double(x: Array) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out = np.tanh(x.astype(float))
    return out, out


def from_x(dout: Array, out: Array) -> Any:
    """The slope is 1 - x^2, from the input. It is 1 - out^2, from the output."""
    x = np.arctanh(out)
    return dout * (1 - x * x)


def applied_again(dout: Array, out: Array) -> Any:
    """tanh is applied again to the cached output. Use the output as it is."""
    return tanh_backward(dout, np.tanh(out))


def square_missing(dout: Array, out: Array) -> Any:
    """The slope is 1 - out. It is 1 - out^2."""
    return dout * (1 - out)


def slope_of_sigmoid(dout: Array, out: Array) -> Any:
    """The slope is out (1 - out): that is sigmoid's. It is 1 - out^2."""
    return dout * out * (1 - out)


def one_missing(dout: Array, out: Array) -> Any:
    """The slope is -out^2. It is 1 - out^2."""
    return -dout * out * out


def without_dout(dout: Array, out: Array) -> Any:
    """The slope itself is returned. Multiply it by dout."""
    return tanh_backward(np.ones_like(dout), out)


def dout_inside(dout: Array, out: Array) -> Any:
    """dout - out^2: a bracket is missing. It is dout * (1 - out^2)."""
    return dout - out * out
