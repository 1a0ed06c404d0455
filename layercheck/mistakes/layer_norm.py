"""What people get wrong in layer_norm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ref_layers.layer_norm import Cache, layer_norm, layer_norm_backward, trailing
from ref_layers.normalization import inverse_std, scale_shift, statistics
from ref_layers.op import Array


def normalized_over_the_batch(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """Mean and variance are taken over the leading axes: that is batch normalization. Take them
    over the trailing axes, for each sample by itself."""
    _, cache = layer_norm(x, gamma, beta, **named)
    mean, var = statistics(x, tuple(range(x.ndim - cache.normalized_dims)))
    xhat = (x - mean) * inverse_std(var, named.get("eps", 1e-5))
    return scale_shift(xhat, gamma, beta), cache


def normalized_over_the_last_axis_alone(
    x: Array, gamma: Any = None, beta: Any = None, **named: Any
) -> Any:
    """Mean and variance are taken over the last axis, whatever normalized_dims says. Take them over
    that many trailing axes."""
    _, cache = layer_norm(x, gamma, beta, **named)
    mean, var = statistics(x, (x.ndim - 1,))
    xhat = (x - mean) * inverse_std(var, named.get("eps", 1e-5))
    return scale_shift(xhat, gamma, beta), cache


def normalized_over_each_sample(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """Mean and variance are taken over everything but the batch, whatever normalized_dims says.
    Take them over that many trailing axes."""
    _, cache = layer_norm(x, gamma, beta, **named)
    mean, var = statistics(x, tuple(range(1, x.ndim)))
    xhat = (x - mean) * inverse_std(var, named.get("eps", 1e-5))
    return scale_shift(xhat, gamma, beta), cache


def unbiased_variance(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """The variance is divided by D - 1. Divide by D, the number of values."""
    d = int(np.prod(x.shape[-named.get("normalized_dims", 1) :]))
    return _scaled_by(x, gamma, beta, named, lambda var, eps: inverse_std(var * (d / (d - 1)), eps))


def eps_outside_the_root(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """eps is added to the standard deviation. Add it to the variance, under the root."""
    return _scaled_by(x, gamma, beta, named, lambda var, eps: 1 / (np.sqrt(var) + eps))


def eps_of_keras(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """eps is 1e-3, which is Keras's default, whatever was asked for. Use the argument."""
    return _scaled_by(x, gamma, beta, named, lambda var, eps: inverse_std(var, 1e-3))


def variance_for_its_root(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """The values are divided by the variance. Divide by its square root."""
    return _scaled_by(x, gamma, beta, named, lambda var, eps: 1 / (var + eps))


def variance_in_one_pass(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """The variance is E[x^2] - E[x]^2, which loses its digits where the mean is large. Subtract the
    mean first, then average the squares."""
    _, cache = layer_norm(x, gamma, beta, **named)
    mean, square = (
        np.mean(v, axis=trailing(x, cache.normalized_dims), keepdims=True) for v in (x, x * x)
    )
    inv_std = inverse_std(square - mean * mean, named.get("eps", 1e-5))
    return scale_shift((x - mean) * inv_std, gamma, beta), cache


def eps_forgotten(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """eps is missing. Divide by sqrt(var + eps)."""
    return _scaled_by(x, gamma, beta, named, lambda var, eps: inverse_std(var, 0))


def centered_in_place(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """x is centered in place, in the caller's array. Work on a copy."""
    answer = layer_norm(x.copy(), gamma, beta, **named)
    x -= np.mean(x, axis=trailing(x, answer[1].normalized_dims), keepdims=True)
    return answer


def gamma_forgotten(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """The normalized values are not multiplied by gamma. Scale, then shift."""
    _, cache = layer_norm(x, gamma, beta, **named)
    return scale_shift(cache.xhat, None, beta), cache


def beta_forgotten(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """beta is not added. Scale, then shift."""
    _, cache = layer_norm(x, gamma, beta, **named)
    return scale_shift(cache.xhat, gamma, None), cache


def dx_gamma_applied_last(dout: Array, cache: Cache) -> Any:
    """dx is multiplied by gamma at the end. gamma varies along the normalized axes: multiply
    dout by it first, before the means are taken."""
    _, *others = layer_norm_backward(dout, cache)
    dx = layer_norm_backward(dout, cache._replace(gamma=None))[0]
    return dx if cache.gamma is None else dx * cache.gamma, *others


def dx_without_gamma(dout: Array, cache: Cache) -> Any:
    """gamma is missing in dx. Multiply dout by gamma first."""
    _, *others = layer_norm_backward(dout, cache)
    return layer_norm_backward(dout, cache._replace(gamma=None))[0], *others


def dx_divided_by_the_batch(dout: Array, cache: Cache) -> Any:
    """The means in dx are divided by N, as in batch normalization. Divide by D, the number of
    values normalized together."""
    d = int(np.prod(dout.shape[-cache.normalized_dims :]))
    return _dx(dout, cache, d / dout.shape[0], d / dout.shape[0])


def dx_without_the_mean(dout: Array, cache: Cache) -> Any:
    """The path through the mean is missing in dx. Subtract the mean of dxhat."""
    return _dx(dout, cache, 0.0, 1.0)


def dx_without_the_variance(dout: Array, cache: Cache) -> Any:
    """The path through the variance is missing in dx. Subtract xhat times the mean of
    dxhat*xhat."""
    return _dx(dout, cache, 1.0, 0.0)


def statistics_taken_for_constants(dout: Array, cache: Cache) -> Any:
    """dx is dxhat / std, as if mean and variance did not depend on x. Both paths are missing."""
    return _dx(dout, cache, 0.0, 0.0)


def summed_over_the_batch_alone(dout: Array, cache: Cache) -> Any:
    """dgamma and dbeta are summed over axis 0 alone, which is right for two dimensions only. Sum
    over all leading axes."""
    dx, *_ = layer_norm_backward(dout, cache)
    dgamma = None if cache.gamma is None else np.sum(dout * cache.xhat, axis=0)
    return dx, dgamma, None if cache.beta is None else np.sum(dout, axis=0)


def dgamma_without_xhat(dout: Array, cache: Cache) -> Any:
    """dgamma is the sum of dout: that is dbeta. Multiply dout by xhat first."""
    dx, dgamma, dbeta = layer_norm_backward(dout, cache)
    leading = tuple(range(dout.ndim - cache.normalized_dims))
    return dx, None if dgamma is None else np.sum(dout, axis=leading), dbeta


def dgamma_averaged(dout: Array, cache: Cache) -> Any:
    """dgamma and dbeta are averaged. Sum: the mean over samples is the loss's affair."""
    dx, dgamma, dbeta = layer_norm_backward(dout, cache)
    places = int(np.prod(dout.shape[: -cache.normalized_dims]))
    return dx, *(None if grad is None else grad / places for grad in (dgamma, dbeta))


def dgamma_and_dbeta_with_their_axes(dout: Array, cache: Cache) -> Any:
    """dgamma and dbeta keep the axes that were summed, with size 1. A gradient has the shape of its
    parameter."""
    dx, *others = layer_norm_backward(dout, cache)
    return dx, *(None if grad is None else grad.reshape(1, *grad.shape) for grad in others)


def dgamma_times_gamma(dout: Array, cache: Cache) -> Any:
    """dgamma is made with dxhat, where gamma is in already. Sum dout * xhat."""
    dx, dgamma, dbeta = layer_norm_backward(dout, cache)
    return dx, None if dgamma is None else dgamma * cache.gamma, dbeta


def _scaled_by(
    x: Array, gamma: Any, beta: Any, named: Any, inverse: Callable[[Array, float], Array]
) -> Any:
    """layer_norm with another inverse standard deviation."""
    _, cache = layer_norm(x, gamma, beta, **named)
    mean, var = statistics(x, trailing(x, cache.normalized_dims))
    return scale_shift((x - mean) * inverse(var, named.get("eps", 1e-5)), gamma, beta), cache


def _dx(dout: Array, cache: Cache, through_mean: float, through_std: float) -> Any:
    """layer_norm_backward with its two means multiplied."""
    xhat, inv_std, gamma, _, dims = cache
    dxhat = dout if gamma is None else dout * gamma
    mean, product = (
        np.mean(v, axis=trailing(dout, dims), keepdims=True) for v in (dxhat, dxhat * xhat)
    )
    dx = inv_std * (dxhat - through_mean * mean - xhat * (through_std * product))
    return dx, *layer_norm_backward(dout, cache)[1:]
