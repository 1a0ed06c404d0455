"""What people get wrong in log_softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.log_softmax import Cache, log_softmax, log_softmax_backward
from ref_layers.op import Array
from ref_layers.softmax import softmax


def log_of_softmax(x: Array, *, dim: int = -1) -> Any:
    """The logarithm of the shares is taken: -inf where a share is too small for its dtype. Subtract
    the logarithm of the sum from the scores."""
    return np.log(softmax(x, dim=dim)[0]), log_softmax(x, dim=dim)[1]


def log_of_clipped_softmax(x: Array, *, dim: int = -1) -> Any:
    """1e-12 is added to the shares before the logarithm, which cuts off at -27.6. Subtract the
    logarithm of the sum from the scores."""
    return np.log(softmax(x, dim=dim)[0] + 1e-12), log_softmax(x, dim=dim)[1]


def no_shift(x: Array, *, dim: int = -1) -> Any:
    """The largest score is not subtracted: exp(1000) is inf. Subtract the maximum along dim
    first."""
    out = x - np.log(np.exp(x).sum(axis=dim, keepdims=True))
    return out, Cache(out, dim)


def shift_not_taken_back(x: Array, *, dim: int = -1) -> Any:
    """The maximum is subtracted inside the sum, but not outside. out = (x - max) - log(sum of exp(x
    - max))."""
    out, cache = log_softmax(x, dim=dim)
    return out + x.max(axis=dim, keepdims=True), cache


def shifted_by_the_global_maximum(x: Array, *, dim: int = -1) -> Any:
    """One maximum is subtracted from all rows: a row far below it becomes log(0). Take the maximum
    along dim, with keepdims."""
    shifted = x - x.max()
    out = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
    return out, Cache(out, dim)


def logarithm_missing(x: Array, *, dim: int = -1) -> Any:
    """The sum itself is subtracted. Subtract its logarithm."""
    shifted = x - x.max(axis=dim, keepdims=True)
    return shifted - np.exp(shifted).sum(axis=dim, keepdims=True), log_softmax(x, dim=dim)[1]


def mean_for_the_sum(x: Array, *, dim: int = -1) -> Any:
    """The logarithm of the mean is subtracted, which is log(C) less. Use the sum."""
    out, cache = log_softmax(x, dim=dim)
    return out + float(np.log(x.shape[dim])), cache


def base_two(x: Array, *, dim: int = -1) -> Any:
    """The logarithm has base 2. Use the natural one."""
    out, cache = log_softmax(x, dim=dim)
    return out / float(np.log(2)), cache


def dim_ignored(x: Array, *, dim: int = -1) -> Any:
    """The last axis is taken whatever dim is. Use dim for the maximum and the sum."""
    return log_softmax(x)[0], log_softmax(x, dim=dim)[1]


def softmax_returned(x: Array, *, dim: int = -1) -> Any:
    """The shares are returned. Take their logarithm, as scores minus the logarithm of the sum."""
    return softmax(x, dim=dim)[0], log_softmax(x, dim=dim)[1]


def sign_wrong(x: Array, *, dim: int = -1) -> Any:
    """The negative is returned: that is the loss of each class. Logarithms of shares are below
    0."""
    out, cache = log_softmax(x, dim=dim)
    return -out, cache


def input_overwritten(x: Array, *, dim: int = -1) -> Any:
    """`x -= max` changes the caller's array. Write x = x - max."""
    out, cache = log_softmax(x, dim=dim)
    x -= x.max(axis=dim, keepdims=True)
    return out, cache


def promoted_to_double(x: Array, *, dim: int = -1) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = log_softmax(x, dim=dim)
    return np.zeros(x.shape) + out, cache


def exp_forgotten(dout: Array, cache: Cache) -> Any:
    """The logarithms take the place of the shares. dx = dout - exp(out) * sum of dout."""
    return dout - cache.out * dout.sum(axis=cache.dim, keepdims=True)


def sum_missing(dout: Array, cache: Cache) -> Any:
    """dx = dout - exp(out) * dout. Multiply by the sum of dout along dim."""
    return dout - np.exp(cache.out) * dout


def sum_taken_for_one(dout: Array, cache: Cache) -> Any:
    """dx = dout - exp(out) takes the sum of dout for 1, as for a single label. Multiply by the
    sum."""
    return dout - np.exp(cache.out)


def path_through_the_sum_missing(dout: Array, cache: Cache) -> Any:
    """dx = dout leaves out the logarithm of the sum. Subtract exp(out) * sum of dout."""
    return dout.copy()


def diagonal_only(dout: Array, cache: Cache) -> Any:
    """dx = dout / exp(out) differentiates the logarithm alone. Every output depends on every
    score."""
    return dout * np.exp(-cache.out)


def gradient_of_softmax(dout: Array, cache: Cache) -> Any:
    """The gradient is softmax's. dx = dout - exp(out) * sum of dout."""
    p = np.exp(cache.out)
    return p * (dout - (dout * p).sum(axis=cache.dim, keepdims=True))


def summed_over_everything(dout: Array, cache: Cache) -> Any:
    """dout is summed over all axes. Sum along dim only, with keepdims."""
    return dout - np.exp(cache.out) * dout.sum()


def summed_over_the_last_axis(dout: Array, cache: Cache) -> Any:
    """dout is summed along the last axis whatever dim is. Sum along dim."""
    return log_softmax_backward(dout, Cache(cache.out, -1))


def averaged(dout: Array, cache: Cache) -> Any:
    """The mean of dout takes the place of the sum. Use the sum."""
    return dout - np.exp(cache.out) * dout.mean(axis=cache.dim, keepdims=True)


def without_dout(dout: Array, cache: Cache) -> Any:
    """dout is taken for 1. dx = dout - exp(out) * sum of dout."""
    return log_softmax_backward(np.ones_like(dout), cache)
