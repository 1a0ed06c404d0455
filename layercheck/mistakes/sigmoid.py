"""What people get wrong in sigmoid."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.op import Array
from ref_layers.sigmoid import sigmoid, sigmoid_backward


def exp_overflows(x: Array) -> Any:
    """exp(x) / (1 + exp(x)) is inf / inf, not a number, where x is large. Take exp of -|x| only."""
    out = np.exp(x) / (1 + np.exp(x))
    return out, out


def tails_cut_off(x: Array) -> Any:
    """One minus the other half loses the digits of small results. For x < 0 use exp(x) / (1 +
    exp(x))."""
    upper = 1 / (1 + np.exp(-np.abs(x)))
    out = np.where(x >= 0, upper, 1 - upper)
    return out, out


def clipped(x: Array) -> Any:
    """x is clipped at -10 and 10 against overflow, which changes the tails. Use a stable
    formula."""
    return sigmoid(np.clip(x, -10, 10))


def sign_missing(x: Array) -> Any:
    """exp(x) stands where exp(-x) belongs, so that the curve falls. Use 1 / (1 + exp(-x))."""
    return sigmoid(-x)


def tanh_in_its_place(x: Array) -> Any:
    """tanh is returned, which goes from -1 to 1. sigmoid(x) is (1 + tanh(x / 2)) / 2."""
    out = np.tanh(x)
    return out, out


def hard(x: Array) -> Any:
    """Straight lines are used, x / 6 + 1/2 cut off at 0 and 1: that is hard sigmoid. Use exp."""
    out = np.clip(x / 6 + 0.5, 0, 1)
    return out, out


def promoted_to_double(x: Array) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out = np.ones(x.shape) / (1 + np.exp(-x))
    return out, out


def input_overwritten(x: Array) -> Any:
    """x is negated in place, which corrupts the caller's array. Make a new one."""
    out, cache = sigmoid(x)
    x *= -1
    return out, cache


def from_x(dout: Array, out: Array) -> Any:
    """The slope is x (1 - x), from the input. It is out (1 - out), from the output."""
    x = np.log(out) - np.log1p(-out)
    return dout * x * (1 - x)


def applied_again(dout: Array, out: Array) -> Any:
    """sigmoid is applied again to the cached output. Use the output as it is."""
    return sigmoid_backward(dout, sigmoid(out)[0])


def half_the_slope(dout: Array, out: Array) -> Any:
    """The factor 1 - out is missing. The slope is out (1 - out)."""
    return dout * out


def slope_of_tanh(dout: Array, out: Array) -> Any:
    """The slope is 1 - out^2: that is tanh's. It is out (1 - out)."""
    return dout * (1 - out * out)


def without_dout(dout: Array, out: Array) -> Any:
    """The slope itself is returned. Multiply it by dout."""
    return sigmoid_backward(np.ones_like(dout), out)


def dout_in_the_slope(dout: Array, out: Array) -> Any:
    """dout takes the place of out: dout (1 - dout). The slope is out (1 - out)."""
    return dout * (1 - dout)


def sign_wrong(dout: Array, out: Array) -> Any:
    """The gradient has the wrong sign: the minus of exp(-x) is taken once, not twice. Leave it
    out."""
    return sigmoid_backward(-dout, out)
