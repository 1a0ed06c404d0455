"""What people get wrong in batch_norm's running statistics, and outside training."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.batch_norm import Cache, batch_axes, batch_norm, batch_norm_backward
from ref_layers.normalization import inverse_std, per_channel, statistics
from ref_layers.op import Array

from .batch_norm import _normalized, _replaced


def eps_missing_in_test_mode(x: Array, **named: Any) -> Any:
    """eps is missing outside training. Divide by sqrt(running_var + eps) there too."""
    return _tested(x, named, lambda var, eps: inverse_std(var, 0))


def eps_outside_the_root_in_test_mode(x: Array, **named: Any) -> Any:
    """Outside training eps is added to the standard deviation. Add it to the variance, under the
    root."""
    return _tested(x, named, lambda var, eps: 1 / (np.sqrt(var) + eps))


def divided_by_the_variance_in_test_mode(x: Array, **named: Any) -> Any:
    """Outside training the values are divided by the variance. Divide by its square root."""
    return _tested(x, named, lambda var, eps: 1 / (var + eps))


def eps_outside_the_root_everywhere(x: Array, **named: Any) -> Any:
    """eps is added to the standard deviation, in training and outside. Add it to the variance,
    under the root."""
    return _in_both(x, named, lambda var, eps: 1 / (np.sqrt(var) + eps))


def eps_forgotten_everywhere(x: Array, **named: Any) -> Any:
    """eps is missing, in training and outside. Divide by sqrt(var + eps)."""
    return _in_both(x, named, lambda var, eps: inverse_std(var, 0))


def eps_in_the_running_variance(x: Array, *, momentum: float = 0.1, **named: Any) -> Any:
    """running_var takes in the variance with eps already added. Keep the variance itself."""
    out, cache = batch_norm(x, momentum=momentum, **named)
    if not isinstance(out, tuple):
        return out, cache
    return (*out[:2], out[2] + momentum * named.get("eps", 1e-5)), cache


def standard_deviation_kept(x: Array, *, momentum: float = 0.1, **named: Any) -> Any:
    """running_var takes in the standard deviation. Keep the variance."""
    out, cache = batch_norm(x, momentum=momentum, **named)
    if not isinstance(out, tuple):
        return out, cache
    old = (1 - momentum) * named["running_var"]
    kept = old + momentum * np.sqrt(np.maximum(out[2] - old, 0) / momentum)
    return (*out[:2], kept.astype(x.dtype)), cache


def variance_of_the_whole_batch_kept(x: Array, **named: Any) -> Any:
    """running_var takes in the variance of all numbers together. Each channel has its own."""
    return _kept(x, named, None, lambda mean, var: np.full_like(var, np.var(x)))


def variance_kept_with_n_less_one_over_n(x: Array, **named: Any) -> Any:
    """running_var takes in the variance times (n - 1) / n. The batch's variance, summed over n, is
    kept as it is, or, as in torch, times n / (n - 1)."""
    n = x.size // x.shape[1]
    return _kept(x, named, None, lambda mean, var: var * (n - 1) / n)


def mean_of_the_normalized_kept(x: Array, **named: Any) -> Any:
    """running_mean takes in the mean of the normalized values, which is 0. Take that of x."""
    xhat = batch_norm(x, **named | {"gamma": None, "beta": None})[1].xhat
    return _kept(x, named, lambda mean, var: np.mean(xhat, axis=batch_axes(x)), None)


def mean_of_the_output_kept(x: Array, **named: Any) -> Any:
    """running_mean takes in the mean of the output, which is beta. Take that of x."""
    right, _ = batch_norm(x, **named)
    out = right[0] if isinstance(right, tuple) else right
    return _kept(x, named, lambda mean, var: np.mean(out, axis=batch_axes(x)), None)


def running_statistics_replaced(x: Array, **named: Any) -> Any:
    """The running statistics are those of the last batch. Keep the share of the old ones that
    momentum says."""
    return batch_norm(x, **{**named, "momentum": 1.0})


def running_mean_kept_with_its_axes(x: Array, **named: Any) -> Any:
    """running_mean comes back in the shape of the sums, with axes of size 1. It is one number for
    each channel: (C,)."""
    out, cache = batch_norm(x, **named)
    if not isinstance(out, tuple):
        return out, cache
    return (out[0], *(v.reshape(1, -1, *(1,) * (x.ndim - 2)) for v in out[1:])), cache


def momentum_swapped_for_the_variance(x: Array, *, momentum: float = 0.1, **named: Any) -> Any:
    """momentum is the share of the new running_mean, and of the old running_var. Both take the same
    share."""
    out, cache = batch_norm(x, momentum=momentum, **named)
    other, _ = batch_norm(x, momentum=1 - momentum, **named)
    return ((*out[:2], other[2]) if isinstance(out, tuple) else out), cache


def momentum_swapped(x: Array, *, momentum: float = 0.1, **named: Any) -> Any:
    """momentum is taken for the share of the old statistics, as Keras means it. Here, as in torch,
    it is the share of the new ones."""
    return batch_norm(x, momentum=1 - momentum, **named)


def never_updated(x: Array, **named: Any) -> Any:
    """The running statistics stay as they were. Return the updated ones in training."""
    out, cache = batch_norm(x, **named)
    running = (named.get("running_mean"), named.get("running_var"))
    return ((out[0], *running) if isinstance(out, tuple) else out), cache


def no_test_mode(x: Array, *, training: bool = True, **named: Any) -> Any:
    """The batch's statistics are used outside training too. Use the running ones there."""
    right, cache = batch_norm(x, training=training, **named)
    if training:
        return right, cache
    mean, var = statistics(x, batch_axes(x))  # of one number, too, whose variance is 0
    return _replaced(right, cache, (x - mean) * inverse_std(var, named.get("eps", 1e-5))), cache


def statistics_changed_in_place(x: Array, *, running_mean: Any = None, **named: Any) -> Any:
    """running_mean is updated in place, in the caller's array. Return a new array."""
    out, cache = batch_norm(x, running_mean=running_mean, **named)
    if isinstance(out, tuple):
        running_mean[...] = out[1]
    return out, cache


_KEPT: dict[int, Array] = {}


def statistics_kept_between_calls(x: Array, *, running_mean: Any = None, **named: Any) -> Any:
    """The running mean is kept in the layer and comes from an earlier call with other data. Take it
    from the arguments and return the new one."""
    out, cache = batch_norm(x, running_mean=running_mean, **named)
    if not isinstance(out, tuple):
        return out, cache
    earlier = _KEPT.setdefault(x.shape[1], out[1])
    return (out[0], earlier.astype(x.dtype), out[2]), cache


def training_formula_in_test_mode(dout: Array, cache: Cache) -> Any:
    """dx outside training has the paths through the batch's statistics. There they are constants:
    dx = dout * gamma / sqrt(var + eps)."""
    return batch_norm_backward(dout, cache._replace(training=True))


def _kept(x: Array, named: Any, mean: Any, var: Any) -> Any:
    """The layer whose running statistics take in something else: of the batch's mean and variance,
    (C,) each; None: the right one."""
    right, cache = batch_norm(x, **named)
    if not isinstance(right, tuple):
        return right, cache
    momentum, axes = named.get("momentum", 0.1), batch_axes(x)
    batch = np.mean(x, axis=axes), np.var(x, axis=axes)
    olds = (named["running_mean"], named["running_var"])
    found = [
        new if how is None else ((1 - momentum) * old + momentum * how(*batch)).astype(x.dtype)
        for new, old, how in zip(right[1:], olds, (mean, var), strict=True)
    ]
    return (right[0], *found), cache


def _tested(x: Array, named: Any, inverse: Any) -> Any:
    """The layer with another 1 / std outside training: inverse(var, eps)."""
    right, cache = batch_norm(x, **named)
    if cache.training:
        return right, cache
    mean, var = (per_channel(named[n], x.ndim) for n in ("running_mean", "running_var"))
    xhat = (x - mean) * inverse(var, named.get("eps", 1e-5)).astype(x.dtype)
    return _replaced(right, cache, xhat), cache


def _in_both(x: Array, named: Any, inverse: Any) -> Any:
    """The layer with another 1 / std in training and outside."""
    if named.get("training", True):
        return _normalized(x, named, lambda mean, var, eps: inverse(var, eps))
    return _tested(x, named, inverse)
