"""What people get wrong in instance_norm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ref_layers.instance_norm import Cache, instance_norm, instance_norm_backward, positions
from ref_layers.normalization import inverse_std, per_channel, scale_shift, statistics
from ref_layers.op import Array


def statistics_over_the_batch_too(
    x: Array, gamma: Any = None, beta: Any = None, **named: Any
) -> Any:
    """Mean and variance are taken over the batch too: that is batch normalization. Average over the
    positions alone, axes (2, 3)."""
    return _over(x, gamma, beta, named, (0, 2, 3))


def statistics_over_the_channels_too(
    x: Array, gamma: Any = None, beta: Any = None, **named: Any
) -> Any:
    """Mean and variance are taken over the channels too: that is layer normalization. Each channel
    has its own."""
    return _over(x, gamma, beta, named, (1, 2, 3))


def statistics_of_each_row(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """Mean and variance are taken over the width alone. Average over height and width."""
    return _over(x, gamma, beta, named, (3,))


def gamma_along_the_width(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """gamma is broadcast along the last axis. It belongs to the channels: reshape it to
    (1, C, 1, 1)."""
    _, cache = instance_norm(x, gamma, beta, **named)
    wide = None if gamma is None else np.resize(gamma, x.shape[3])
    return scale_shift(cache.xhat, wide, per_channel(beta, x.ndim)), cache


def unbiased_variance(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """The variance is divided by H*W - 1. Divide by H*W."""
    n = x.shape[2] * x.shape[3]
    return _scaled_by(x, gamma, beta, named, lambda var, eps: inverse_std(var * (n / (n - 1)), eps))


def eps_outside_the_root(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """eps is added to the standard deviation. Add it to the variance, under the root."""
    return _scaled_by(x, gamma, beta, named, lambda var, eps: 1 / (np.sqrt(var) + eps))


def eps_forgotten(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """eps is missing. Divide by sqrt(var + eps)."""
    return _scaled_by(x, gamma, beta, named, lambda var, eps: inverse_std(var, 0))


def variance_in_one_pass(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """The variance is E[x^2] - E[x]^2, which loses its digits where the mean is large. Subtract the
    mean first, then average the squares."""
    mean = np.mean(x, axis=positions(x), keepdims=True)
    square = np.mean(x * x, axis=positions(x), keepdims=True)
    return _scaled_by(
        x, gamma, beta, named, lambda var, eps: inverse_std(square - mean * mean, eps)
    )


def gamma_forgotten(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """The normalized values are not multiplied by gamma. Scale, then shift."""
    _, cache = instance_norm(x, gamma, beta, **named)
    return scale_shift(cache.xhat, None, per_channel(beta, x.ndim)), cache


def dx_without_gamma(dout: Array, cache: Cache) -> Any:
    """gamma is missing in dx. Multiply dout by gamma first."""
    _, *others = instance_norm_backward(dout, cache)
    return instance_norm_backward(dout, cache._replace(gamma=None))[0], *others


def dx_without_the_mean(dout: Array, cache: Cache) -> Any:
    """The path through the mean is missing in dx. Subtract the mean of dxhat."""
    return _dx(dout, cache, 0.0, 1.0)


def dx_without_the_variance(dout: Array, cache: Cache) -> Any:
    """The path through the variance is missing in dx. Subtract xhat times the mean of
    dxhat*xhat."""
    return _dx(dout, cache, 1.0, 0.0)


def dx_divided_by_the_width(dout: Array, cache: Cache) -> Any:
    """The means in dx are divided by W. Divide by H*W, the number of values normalized together."""
    return _dx(dout, cache, dout.shape[2], dout.shape[2])


def dgamma_of_each_sample(dout: Array, cache: Cache) -> Any:
    """dgamma and dbeta are not summed over the samples. All samples share gamma: sum over axes
    (0, 2, 3)."""
    dx, dgamma, dbeta = instance_norm_backward(dout, cache)
    return (
        dx,
        None if dgamma is None else np.sum(dout * cache.xhat, axis=(2, 3)),
        None if dbeta is None else np.sum(dout, axis=(2, 3)),
    )


def dgamma_without_xhat(dout: Array, cache: Cache) -> Any:
    """dgamma is the sum of dout: that is dbeta. Multiply dout by xhat first."""
    dx, dgamma, dbeta = instance_norm_backward(dout, cache)
    return dx, None if dgamma is None else np.sum(dout, axis=(0, 2, 3)), dbeta


def dgamma_and_dbeta_with_their_axes(dout: Array, cache: Cache) -> Any:
    """dgamma and dbeta keep the axes that were summed, with size 1. A gradient has the shape of its
    parameter."""
    dx, *others = instance_norm_backward(dout, cache)
    return dx, *(None if grad is None else grad.reshape(1, *grad.shape) for grad in others)


def dgamma_times_gamma(dout: Array, cache: Cache) -> Any:
    """dgamma is made with dxhat, where gamma is in already. Sum dout * xhat."""
    dx, dgamma, dbeta = instance_norm_backward(dout, cache)
    return dx, None if dgamma is None else dgamma * cache.gamma, dbeta


def _over(x: Array, gamma: Any, beta: Any, named: Any, axes: tuple[int, ...]) -> Any:
    """instance_norm with statistics over other axes."""
    _, cache = instance_norm(x, gamma, beta, **named)
    mean, var = statistics(x, axes)
    xhat = (x - mean) * inverse_std(var, named.get("eps", 1e-5))
    return scale_shift(xhat, per_channel(gamma, x.ndim), per_channel(beta, x.ndim)), cache


def _scaled_by(
    x: Array, gamma: Any, beta: Any, named: Any, inverse: Callable[[Array, float], Array]
) -> Any:
    """instance_norm with another inverse standard deviation."""
    _, cache = instance_norm(x, gamma, beta, **named)
    mean, var = statistics(x, positions(x))
    xhat = (x - mean) * inverse(var, named.get("eps", 1e-5))
    return scale_shift(xhat, per_channel(gamma, x.ndim), per_channel(beta, x.ndim)), cache


def _dx(dout: Array, cache: Cache, through_mean: float, through_std: float) -> Any:
    """instance_norm_backward with its two means multiplied."""
    xhat, inv_std, gamma, _ = cache
    dxhat = dout if gamma is None else dout * per_channel(gamma, dout.ndim)
    mean = np.mean(dxhat, axis=positions(dout), keepdims=True)
    product = np.mean(dxhat * xhat, axis=positions(dout), keepdims=True)
    dx = inv_std * (dxhat - through_mean * mean - xhat * (through_std * product))
    return dx, *instance_norm_backward(dout, cache)[1:]
