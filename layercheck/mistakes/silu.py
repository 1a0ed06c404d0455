"""What people get wrong in silu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.gelu import gelu
from ref_layers.op import Array
from ref_layers.sigmoid import sigmoid, sigmoid_backward
from ref_layers.silu import Cache, silu, silu_backward


def sigmoid_alone(x: Array) -> Any:
    """sigmoid(x) is returned. Multiply it by x."""
    cache = silu(x)[1]
    return cache.share, cache


def sign_missing(x: Array) -> Any:
    """x * sigmoid(-x) is returned. Use sigmoid(x)."""
    return x * sigmoid(-x)[0], silu(x)[1]


def gelu_in_its_place(x: Array) -> Any:
    """gelu is returned, which weighs x by the normal distribution. Weigh it by sigmoid."""
    return gelu(x)[0], silu(x)[1]


def scale_of_gelu(x: Array) -> Any:
    """x * sigmoid(1.702 x) approximates gelu. silu has no such factor."""
    return x * sigmoid(x * 1.702)[0], silu(x)[1]


def tanh_in_its_place(x: Array) -> Any:
    """x is multiplied by tanh(x). Multiply it by sigmoid(x)."""
    return x * np.tanh(x), silu(x)[1]


def hard(x: Array) -> Any:
    """Straight lines take sigmoid's place, x / 6 + 1/2 cut off at 0 and 1: that is hard swish."""
    return x * np.clip(x / 6 + 0.5, 0, 1), silu(x)[1]


def exp_overflows(x: Array) -> Any:
    """exp(x) / (1 + exp(x)) is inf / inf, not a number, where x is large. Take exp of -|x| only."""
    return x * (np.exp(x) / (1 + np.exp(x))), silu(x)[1]


def cut_off_at_zero(x: Array) -> Any:
    """Negative numbers become 0, as with relu. silu lets a little of them through."""
    return np.maximum(silu(x)[0], 0), silu(x)[1]


def promoted_to_double(x: Array) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = silu(x)
    return out * np.ones(x.shape), cache


def input_overwritten(x: Array) -> Any:
    """x is multiplied in place, which corrupts the caller's array. Make a new one."""
    out, cache = silu(x.copy())
    x *= cache.share
    return out, cache


def slope_of_sigmoid(dout: Array, cache: Cache) -> Any:
    """The slope is sigmoid's, share (1 - share). By the product rule it is share + x share (1 -
    share)."""
    return sigmoid_backward(dout, cache.share)


def slope_without_the_sigmoid(dout: Array, cache: Cache) -> Any:
    """The slope is x share (1 - share) alone. By the product rule share itself belongs to it."""
    return cache.x * sigmoid_backward(dout, cache.share)


def sigmoid_taken_for_a_constant(dout: Array, cache: Cache) -> Any:
    """dx is dout * share, as if share did not depend on x. Add x share (1 - share)."""
    return dout * cache.share


def sigmoid_applied_again(dout: Array, cache: Cache) -> Any:
    """sigmoid is applied again to what the cache holds. Use it as it is."""
    return silu_backward(dout, cache._replace(share=sigmoid(cache.share)[0]))


def x_where_out_belongs(dout: Array, cache: Cache) -> Any:
    """The slope is written x + share (1 - x): that takes x for out. It is out + share (1 - out)."""
    return dout * (cache.x + cache.share * (1 - cache.x))


def without_dout(dout: Array, cache: Cache) -> Any:
    """The slope itself is returned. Multiply it by dout."""
    return silu_backward(np.ones_like(dout), cache)


def sign_wrong(dout: Array, cache: Cache) -> Any:
    """The second term has the wrong sign: share - x share (1 - share). Add it."""
    x, share = cache
    return dout * share * (1 - x * (1 - share))
