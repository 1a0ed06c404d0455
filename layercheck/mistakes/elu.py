"""What people get wrong in elu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.elu import Cache, elu, elu_backward
from ref_layers.op import Array


def one_not_subtracted(x: Array, *, alpha: float = 1.0) -> Any:
    """Negative numbers become alpha * exp(x). Subtract 1 from exp(x), so that 0 becomes 0."""
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0))), Cache(x, alpha)


def alpha_inside(x: Array, *, alpha: float = 1.0) -> Any:
    """alpha multiplies exp(x) only: alpha exp(x) - 1. It multiplies the difference exp(x) - 1."""
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1), Cache(x, alpha)


def alpha_in_the_exponent(x: Array, *, alpha: float = 1.0) -> Any:
    """alpha multiplies x inside exp. It multiplies exp(x) - 1."""
    return np.where(x > 0, x, np.expm1(alpha * np.minimum(x, 0))), Cache(x, alpha)


def alpha_fixed(x: Array, *, alpha: float = 1.0) -> Any:
    """alpha is 1 whatever is asked for. Use alpha."""
    return elu(x)[0], Cache(x, alpha)


def exp_less_one(x: Array, *, alpha: float = 1.0) -> Any:
    """exp(x) - 1 loses the digits of small x. Use expm1."""
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)), Cache(x, alpha)


def exp_overflows(x: Array, *, alpha: float = 1.0) -> Any:
    """exp is taken of positive x too, and infinity times 0 is no number. Take exp of min(x, 0)."""
    negative = x <= 0
    return x * ~negative + alpha * np.expm1(x) * negative, Cache(x, alpha)


def relu_in_its_place(x: Array, *, alpha: float = 1.0) -> Any:
    """Negative numbers become 0: that is relu. Return alpha (exp(x) - 1) there."""
    return np.maximum(x, 0), Cache(x, alpha)


def leaky_relu_in_its_place(x: Array, *, alpha: float = 1.0) -> Any:
    """Negative numbers are scaled by alpha: that is leaky relu. Return alpha (exp(x) - 1) there."""
    return np.where(x > 0, x, alpha * x), Cache(x, alpha)


def selu_in_its_place(x: Array, *, alpha: float = 1.0) -> Any:
    """The result is scaled by 1.0507, alpha is 1.6733: that is selu. elu has no scale."""
    return 1.0507009873554805 * elu(x, alpha=1.6732632423543772)[0], Cache(x, alpha)


def promoted_to_double(x: Array, *, alpha: float = 1.0) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = elu(x, alpha=alpha)
    return out * np.ones(x.shape), cache


def input_overwritten(x: Array, *, alpha: float = 1.0) -> Any:
    """Negative numbers of x are overwritten, which corrupts the caller's array. Make a new one."""
    out, cache = elu(x.copy(), alpha=alpha)
    x[x < 0] = out[x < 0]
    return out, cache


def slope_of_relu(dout: Array, cache: Cache) -> Any:
    """The gradient is 0 where x is negative: that is relu's. It is dout * alpha * exp(x) there."""
    return np.where(cache.x > 0, dout, 0)


def out_for_the_slope(dout: Array, cache: Cache) -> Any:
    """The slope at negative x is out, alpha (exp(x) - 1). It is alpha exp(x)."""
    x, alpha = cache
    return np.where(x > 0, dout, dout * (alpha * np.expm1(np.minimum(x, 0))))


def one_added_for_alpha(dout: Array, cache: Cache) -> Any:
    """The slope at negative x is out + 1, which is right for alpha = 1 only. It is alpha exp(x)."""
    x, alpha = cache
    return np.where(x > 0, dout, dout * (alpha * np.expm1(np.minimum(x, 0)) + 1))


def slope_by_out_and_alpha(dout: Array, cache: Cache) -> Any:
    """The slope at negative x is out + alpha, which is the right formula but has no digits left
    where out is near -alpha. Take alpha exp(x)."""
    x, alpha = cache
    return np.where(x > 0, dout, dout * (alpha * np.expm1(np.minimum(x, 0)) + alpha))


def slope_without_alpha(dout: Array, cache: Cache) -> Any:
    """The slope at negative x is exp(x). Multiply it by alpha."""
    return elu_backward(dout, cache._replace(alpha=1.0))


def exp_of_out(dout: Array, cache: Cache) -> Any:
    """exp is taken of the output, not of x. Cache x."""
    return elu_backward(dout, cache._replace(x=elu(cache.x, alpha=cache.alpha)[0]))


def by_the_sign_of_dout(dout: Array, cache: Cache) -> Any:
    """dout is bent where dout is negative. What counts is the sign of x."""
    return np.where(dout > 0, dout, dout * (cache.alpha * np.exp(np.minimum(cache.x, 0))))


def without_dout(dout: Array, cache: Cache) -> Any:
    """The slope itself is returned. Multiply it by dout."""
    return elu_backward(np.ones_like(dout), cache)
