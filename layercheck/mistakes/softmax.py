"""What people get wrong in softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.op import Array
from ref_layers.softmax import Cache, softmax, softmax_backward


def _shares(shifted: Array, dim: int) -> Any:
    e = np.exp(shifted)
    out = e / e.sum(axis=dim, keepdims=True)
    return out, Cache(out, dim)


def no_shift(x: Array, *, dim: int = -1) -> Any:
    """The largest score is not subtracted: exp(1000) is inf, and inf / inf is no number. Subtract
    the maximum along dim first."""
    return _shares(x, dim)


def shifted_by_the_global_maximum(x: Array, *, dim: int = -1) -> Any:
    """One maximum is subtracted from all rows: a row far below it becomes 0 / 0. Take the maximum
    along dim, with keepdims."""
    return _shares(x - x.max(), dim)


def shifted_by_at_least_zero(x: Array, *, dim: int = -1) -> Any:
    """The maximum starts at 0, so that rows of large negative scores become 0 / 0. Start with the
    row's own scores."""
    return _shares(x - np.maximum(x.max(axis=dim, keepdims=True), 0), dim)


def shifted_by_the_mean(x: Array, *, dim: int = -1) -> Any:
    """The mean is subtracted, which leaves large scores that overflow. Subtract the maximum."""
    return _shares(x - x.mean(axis=dim, keepdims=True), dim)


def shifted_by_the_minimum(x: Array, *, dim: int = -1) -> Any:
    """The minimum is subtracted, which leaves large scores that overflow. Subtract the maximum."""
    return _shares(x - x.min(axis=dim, keepdims=True), dim)


def clipped(x: Array, *, dim: int = -1) -> Any:
    """Scores are clipped at -50 and 50 against overflow, which changes the shares. Subtract the
    maximum."""
    return _shares(np.clip(x, -50, 50), dim)


def normed_by_the_global_sum(x: Array, *, dim: int = -1) -> Any:
    """All shares together add up to 1. Sum along dim only, with keepdims."""
    out, cache = softmax(x, dim=dim)
    return out / out.sum(), cache


def dim_ignored(x: Array, *, dim: int = -1) -> Any:
    """The last axis is taken whatever dim is. Use dim for the maximum and the sum."""
    return softmax(x)[0], softmax(x, dim=dim)[1]


def dim_one_always(x: Array, *, dim: int = -1) -> Any:
    """Axis 1 is taken whatever dim is. Use dim for the maximum and the sum."""
    return softmax(x, dim=1)[0], softmax(x, dim=dim)[1]


def eps_in_the_sum(x: Array, *, dim: int = -1) -> Any:
    """1e-5 is added to the sum, so that shares do not add up to 1. The sum is at least 1: no
    need."""
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    return e / (e.sum(axis=dim, keepdims=True) + 1e-5), softmax(x, dim=dim)[1]


def without_exp(x: Array, *, dim: int = -1) -> Any:
    """Scores are divided by their sum. Take exp first."""
    shifted = x - x.min(axis=dim, keepdims=True)
    return shifted / shifted.sum(axis=dim, keepdims=True), softmax(x, dim=dim)[1]


def logarithm_returned(x: Array, *, dim: int = -1) -> Any:
    """The logarithm is returned: that is log_softmax. Take exp of it."""
    out, cache = softmax(x, dim=dim)
    return np.log(out), cache


def input_overwritten(x: Array, *, dim: int = -1) -> Any:
    """`x -= max` changes the caller's array. Write x = x - max."""
    x -= x.max(axis=dim, keepdims=True)
    return _shares(x, dim)


def promoted_to_double(x: Array, *, dim: int = -1) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = softmax(x, dim=dim)
    result = np.zeros(x.shape)
    result[...] = out
    return result, cache


def diagonal_only(dout: Array, cache: Cache) -> Any:
    """dx = dout * out * (1 - out) has the Jacobian's diagonal only. Every share depends on every
    score: dx = out * (dout - sum of dout * out)."""
    return dout * cache.out * (1 - cache.out)


def minus_one_for_the_sum(dout: Array, cache: Cache) -> Any:
    """dx = out * (dout - 1). Subtract the sum of dout * out along dim."""
    return cache.out * (dout - 1)


def sum_missing(dout: Array, cache: Cache) -> Any:
    """The sum of dout * out is not subtracted. dx = out * (dout - sum of dout * out)."""
    return dout * cache.out


def summed_over_everything(dout: Array, cache: Cache) -> Any:
    """dout * out is summed over all axes. Sum along dim only, with keepdims."""
    return cache.out * (dout - (dout * cache.out).sum())


def summed_over_the_last_axis(dout: Array, cache: Cache) -> Any:
    """dout * out is summed along the last axis whatever dim is. Sum along dim."""
    return softmax_backward(dout, Cache(cache.out, -1))


def sum_of_dout_alone(dout: Array, cache: Cache) -> Any:
    """The sum of dout is subtracted. Weigh it by the shares: the sum of dout * out."""
    return cache.out * (dout - dout.sum(axis=cache.dim, keepdims=True))


def averaged(dout: Array, cache: Cache) -> Any:
    """The mean of dout * out is subtracted. Subtract the sum."""
    inner = (dout * cache.out).mean(axis=cache.dim, keepdims=True)
    return cache.out * (dout - inner)


def gradient_of_the_loss(dout: Array, cache: Cache) -> Any:
    """dx = out - dout is the gradient of cross entropy, with dout for the labels. Use softmax's
    own."""
    return cache.out - dout


def out_missing(dout: Array, cache: Cache) -> Any:
    """The last factor out is missing. dx = out * (dout - sum of dout * out)."""
    return dout - (dout * cache.out).sum(axis=cache.dim, keepdims=True)
