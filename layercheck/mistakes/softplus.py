"""What people get wrong in softplus."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.op import Array
from ref_layers.sigmoid import sigmoid, sigmoid_backward
from ref_layers.softplus import Cache, softplus, softplus_backward


def _cache(x: Array, beta: float, threshold: float | None) -> Cache:
    return Cache(x, beta, threshold)


def exp_overflows(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """exp(beta x) is infinite where x is large, and the result is, too. Take exp of -|beta x|."""
    return np.log1p(np.exp(beta * x)) / beta, _cache(x, beta, threshold)


def log_of_one_more(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """log(1 + exp(z)) is 0 where exp(z) is lost beside 1. Use log1p."""
    z = beta * x
    out = (np.maximum(z, 0) + np.log(1 + np.exp(-np.abs(z)))) / beta
    large = softplus(x, beta=beta, threshold=threshold)[0]
    return np.where(z > 0, large, out), _cache(x, beta, threshold)


def not_divided_by_beta(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """log(1 + exp(beta x)) is returned. Divide it by beta."""
    out, cache = softplus(beta * x, threshold=threshold)
    return out, cache._replace(x=x, beta=beta)


def beta_outside_only(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """beta divides the result but does not multiply x. It does both."""
    return softplus(x, threshold=threshold)[0] / beta, _cache(x, beta, threshold)


def beta_ignored(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """beta is 1 whatever is asked for. Use beta."""
    return softplus(x, threshold=threshold)[0], _cache(x, beta, threshold)


def threshold_on_x(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """x is compared with the threshold. Compare beta * x."""
    smooth = softplus(x, beta=beta, threshold=None)[0]
    limit = np.inf if threshold is None else threshold
    return np.where(x > limit, x, smooth), _cache(x, beta, threshold)


def relu_in_its_place(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """max(x, 0) is returned: that is relu. Use log(1 + exp(x))."""
    return np.maximum(x, 0), _cache(x, beta, threshold)


def sign_wrong(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """log(1 + exp(-x)) is returned, which falls. Use exp(x)."""
    return softplus(-x, beta=beta, threshold=None)[0], _cache(x, beta, threshold)


def one_missing(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """The 1 is missing: log(exp(x)) is x. Use log(1 + exp(x))."""
    return x.copy(), _cache(x, beta, threshold)


def base_two(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """The logarithm has base 2. Take the natural one."""
    smooth = softplus(x, beta=beta, threshold=threshold)[0]
    return smooth / float(np.log(2)), _cache(x, beta, threshold)


def promoted_to_double(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = softplus(x, beta=beta, threshold=threshold)
    return out + np.zeros(x.shape), cache


def input_overwritten(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> Any:
    """x is multiplied in place, which corrupts the caller's array. Make a new one."""
    answer = softplus(x.copy(), beta=beta, threshold=threshold)
    x *= -beta
    return answer


def slope_of_relu(dout: Array, cache: Cache) -> Any:
    """The gradient is 0 where x is negative: that is relu's. The slope is sigmoid(beta x)."""
    return np.where(cache.x > 0, dout, 0)


def slope_of_sigmoid(dout: Array, cache: Cache) -> Any:
    """The slope is sigmoid's own, s (1 - s). It is sigmoid(beta x) itself."""
    return sigmoid_backward(dout, sigmoid(cache.beta * cache.x)[0])


def slope_times_beta(dout: Array, cache: Cache) -> Any:
    """The slope is multiplied by beta. The division by beta takes that back."""
    return cache.beta * softplus_backward(dout, cache)


def slope_divided_by_beta(dout: Array, cache: Cache) -> Any:
    """The slope is divided by beta. The factor beta inside takes that back."""
    return softplus_backward(dout, cache) / cache.beta


def slope_without_beta(dout: Array, cache: Cache) -> Any:
    """The slope is sigmoid(x). It is sigmoid(beta x)."""
    return softplus_backward(dout, cache._replace(beta=1.0))


def slope_falls(dout: Array, cache: Cache) -> Any:
    """The slope is sigmoid(-beta x). It grows with x: sigmoid(beta x)."""
    return dout - softplus_backward(dout, cache)


def without_dout(dout: Array, cache: Cache) -> Any:
    """The slope itself is returned. Multiply it by dout."""
    return softplus_backward(np.ones_like(dout), cache)
