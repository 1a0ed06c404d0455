"""What people get wrong in batch_norm of vectors and sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.batch_norm import Cache, batch_axes
from ref_layers.batch_norm_1d import batch_norm_1d, batch_norm_1d_backward
from ref_layers.normalization import inverse_std, per_channel, scale_shift, statistics
from ref_layers.op import Array

ALSO = ("batch_norm",)
NOT_SHARED = (
    "variance_in_one_pass",  # the quick grid rejects it twice only
    "statistics_of_each_pixel",  # there are none
)


def unbiased_variance(x: Array, **named: Any) -> Any:
    """The batch is divided by the unbiased standard deviation (n - 1). The normalization takes the
    biased one (n); only running_var may be unbiased."""
    n = x.size // x.shape[1]
    return _training_with(x, named, batch_axes(x), n / (n - 1))


def statistics_of_each_position(x: Array, **named: Any) -> Any:
    """A sequence's positions each get a mean and variance of their own. Average over the positions
    too: axes (0, 2)."""
    return _training_with(x, named, (0,))


def statistics_of_each_sample(x: Array, **named: Any) -> Any:
    """Mean and variance are taken along each sample: that is layer normalization. Average over the
    batch, for each channel."""
    return _training_with(x, named, tuple(range(1, x.ndim)))


def reshaped_without_a_transpose(x: Array, **named: Any) -> Any:
    """(N, C, L) is reshaped to (N*L, C) with the channel still in second place, which mixes the
    channels. Move the channel last first, and back afterwards."""
    right, cache = batch_norm_1d(x, **named)
    mixed, _ = batch_norm_1d(x.reshape(-1, x.shape[1]), **named)
    out = (mixed[0] if isinstance(mixed, tuple) else mixed).reshape(x.shape)
    return ((out, *right[1:]) if isinstance(right, tuple) else out), cache


def momentum_swapped(x: Array, *, momentum: float = 0.1, **named: Any) -> Any:
    """momentum is taken for the share of the old statistics, as Keras means it. Here, as in torch,
    it is the share of the new ones."""
    return batch_norm_1d(x, momentum=1 - momentum, **named)


def never_updated(x: Array, **named: Any) -> Any:
    """The running statistics stay as they were. Return the updated ones in training."""
    out, cache = batch_norm_1d(x, **named)
    running = (named.get("running_mean"), named.get("running_var"))
    return ((out[0], *running) if isinstance(out, tuple) else out), cache


def no_test_mode(x: Array, *, training: bool = True, **named: Any) -> Any:
    """The batch's statistics are used outside training too. Use the running ones there."""
    right, cache = batch_norm_1d(x, training=training, **named)
    if training:
        return right, cache
    mean, var = statistics(x, batch_axes(x))  # of one sample, too, whose variance is 0
    xhat = (x - mean) * inverse_std(var, named.get("eps", 1e-5))
    return scale_shift(xhat, *(per_channel(p, x.ndim) for p in (cache.gamma, cache.beta))), cache


def dx_without_gamma(dout: Array, cache: Cache) -> Any:
    """gamma is missing in dx. Multiply dout by gamma first."""
    _, *others = batch_norm_1d_backward(dout, cache)
    return batch_norm_1d_backward(dout, cache._replace(gamma=None))[0], *others


def statistics_taken_for_constants(dout: Array, cache: Cache) -> Any:
    """dx is dxhat / std in training too, as if mean and variance did not depend on x. The paths
    through both are missing."""
    _, *others = batch_norm_1d_backward(dout, cache)
    return batch_norm_1d_backward(dout, cache._replace(training=False))[0], *others


def dgamma_as_a_row(dout: Array, cache: Cache) -> Any:
    """dgamma has shape (1, C). A gradient has the shape of its parameter, (C,)."""
    dx, dgamma, dbeta = batch_norm_1d_backward(dout, cache)
    return dx, None if dgamma is None else dgamma.reshape(1, -1), dbeta


def dgamma_of_each_position(dout: Array, cache: Cache) -> Any:
    """dgamma and dbeta are summed over the batch alone, which is right for vectors only. Sum over
    the positions too."""
    dx, dgamma, dbeta = batch_norm_1d_backward(dout, cache)
    dgamma = None if dgamma is None else np.sum(dout * cache.xhat, axis=0)
    return dx, dgamma, None if dbeta is None else np.sum(dout, axis=0)


def _training_with(x: Array, named: Any, axes: tuple[int, ...], grown: float = 1.0) -> Any:
    """batch_norm_1d whose training takes the statistics over other axes, or a larger variance."""
    right, cache = batch_norm_1d(x, **named)
    if not named.get("training", True):
        return right, cache
    mean, var = statistics(x, axes)
    xhat = (x - mean) * inverse_std(var * grown, named.get("eps", 1e-5))
    gamma, beta = (per_channel(named.get(name), x.ndim) for name in ("gamma", "beta"))
    out = scale_shift(xhat, gamma, beta)
    return ((out, *right[1:]) if isinstance(right, tuple) else out), cache
