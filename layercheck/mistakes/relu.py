"""What people get wrong in relu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.op import Array
from ref_layers.relu import relu, relu_backward


def input_overwritten(x: Array) -> Any:
    """Negative numbers are set to 0 in x itself, which corrupts the caller's array. Make a new
    one."""
    before = x.copy()
    x[x < 0] = 0
    return x, before


def absolute_value(x: Array) -> Any:
    """Negative numbers lose their sign. They become 0."""
    return np.abs(x), x


def negative_half(x: Array) -> Any:
    """The minimum with 0 is taken. Take the maximum."""
    return np.minimum(x, 0), x


def capped_at_six(x: Array) -> Any:
    """Numbers above 6 are cut off: that is relu6. Leave them."""
    return np.clip(x, 0, 6), x


def leaking(x: Array) -> Any:
    """Negative numbers are scaled by 0.01: that is leaky_relu. They become 0."""
    return np.where(x > 0, x, x / 100), x


def promoted_to_double(x: Array) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    return np.maximum(x, np.zeros(x.shape)), x


def not_masked(dout: Array, x: Array) -> Any:
    """The gradient passes everywhere. It is 0 where x is not positive."""
    return dout.copy()


def masked_by_dout(dout: Array, x: Array) -> Any:
    """The gradient passes where dout is positive. What counts is the sign of x."""
    return np.where(dout > 0, dout, 0)


def masked_by_both(dout: Array, x: Array) -> Any:
    """Negative gradients are dropped, too: that is guided backpropagation. Mask by x alone."""
    return np.maximum(relu_backward(dout, x), 0)


def mask_inverted(dout: Array, x: Array) -> Any:
    """The gradient passes where x is negative. It passes where x is positive."""
    return np.where(x < 0, dout, 0)


def without_dout(dout: Array, x: Array) -> Any:
    """The mask itself is returned. Multiply it by dout."""
    return relu_backward(np.ones_like(dout), x)


def times_x(dout: Array, x: Array) -> Any:
    """dout is multiplied by the output in place of the mask. The slope is 1, not x."""
    return dout * relu(x)[0]


def dout_overwritten(dout: Array, x: Array) -> Any:
    """dout is masked in place, which corrupts the caller's array. Make a new one."""
    dout[x <= 0] = 0
    return dout
