"""What people get wrong in leaky_relu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.leaky_relu import Cache, leaky_relu, leaky_relu_backward
from ref_layers.op import Array


def slope_on_the_wrong_side(x: Array, *, negative_slope: float = 0.01) -> Any:
    """Positive numbers are scaled, negative ones kept. Scale where x is negative."""
    return np.where(x > 0, negative_slope * x, x), Cache(x, negative_slope)


def slope_forgotten(x: Array, *, negative_slope: float = 0.01) -> Any:
    """Negative numbers become 0: that is relu. Scale them by negative_slope."""
    return np.maximum(x, 0), Cache(x, negative_slope)


def slope_fixed(x: Array, *, negative_slope: float = 0.01) -> Any:
    """The slope is 0.01 whatever is asked for. Use negative_slope."""
    return leaky_relu(x)[0], Cache(x, negative_slope)


def slope_without_x(x: Array, *, negative_slope: float = 0.01) -> Any:
    """Negative numbers become the slope itself. Multiply it by x."""
    return np.where(x > 0, x, negative_slope).astype(x.dtype), Cache(x, negative_slope)


def sign_lost(x: Array, *, negative_slope: float = 0.01) -> Any:
    """Negative numbers come out positive. Scale x, not |x|."""
    return np.where(x > 0, x, negative_slope * np.abs(x)), Cache(x, negative_slope)


def maximum_of_both(x: Array, *, negative_slope: float = 0.01) -> Any:
    """The maximum of x and slope * x is taken, which is wrong for slopes above 1. Choose
    by the sign of x."""
    return np.maximum(x, negative_slope * x), Cache(x, negative_slope)


def input_overwritten(x: Array, *, negative_slope: float = 0.01) -> Any:
    """x is scaled in place, which corrupts the caller's array. Make a new one."""
    before = x.copy()
    x[x < 0] *= negative_slope
    return x, Cache(before, negative_slope)


def promoted_to_double(x: Array, *, negative_slope: float = 0.01) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = leaky_relu(x, negative_slope=negative_slope)
    return out * np.ones(x.shape), cache


def gradient_of_relu(dout: Array, cache: Cache) -> Any:
    """The gradient is 0 where x is negative: that is relu's. It is negative_slope * dout there."""
    return np.where(cache.x > 0, dout, 0)


def not_scaled(dout: Array, cache: Cache) -> Any:
    """The gradient passes unchanged. Scale it by negative_slope where x is negative."""
    return dout.copy()


def scaled_by_the_sign_of_dout(dout: Array, cache: Cache) -> Any:
    """The gradient is scaled where dout is negative. What counts is the sign of x."""
    return leaky_relu(dout, negative_slope=cache.negative_slope)[0]


def without_dout(dout: Array, cache: Cache) -> Any:
    """The slopes themselves are returned. Multiply them by dout."""
    return leaky_relu_backward(np.ones_like(dout), cache)


def slope_squared(dout: Array, cache: Cache) -> Any:
    """The slope is applied twice. Once is enough."""
    return leaky_relu_backward(leaky_relu_backward(dout, cache), cache)


def slope_fixed_in_gradient(dout: Array, cache: Cache) -> Any:
    """The gradient's slope is 0.01 whatever is asked for. Use negative_slope."""
    return leaky_relu_backward(dout, Cache(cache.x, 0.01))
