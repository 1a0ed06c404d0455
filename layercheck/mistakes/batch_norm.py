"""What people get wrong in batch_norm."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.batch_norm import Cache, batch_axes, batch_norm, batch_norm_backward
from ref_layers.normalization import inverse_std, per_channel, scale_shift
from ref_layers.op import Array

ALSO = ("batch_norm_running",)


def unbiased_variance(x: Array, **named: Any) -> Any:
    """The batch is divided by the unbiased standard deviation (n - 1). The normalization takes the
    biased one (n); only running_var may be unbiased."""
    n = x.size // x.shape[1]
    grown = n / (n - 1)
    return _normalized(x, named, lambda mean, var, eps: inverse_std(var * grown, eps))


def eps_outside_the_root(x: Array, **named: Any) -> Any:
    """eps is added to the standard deviation. Add it to the variance, under the root."""
    return _normalized(x, named, lambda mean, var, eps: 1 / (np.sqrt(var) + eps))


def eps_of_another_framework(x: Array, *, eps: float = 1e-5, **named: Any) -> Any:
    """eps is 1e-3, which is Keras's default, whatever was asked for. Use the argument."""
    return batch_norm(x, eps=1e-3, **named)


def eps_forgotten(x: Array, **named: Any) -> Any:
    """eps is missing. Divide by sqrt(var + eps)."""
    return _normalized(x, named, lambda mean, var, eps: inverse_std(var, 0))


def variance_in_one_pass(x: Array, **named: Any) -> Any:
    """The variance is E[x^2] - E[x]^2, which loses its digits where the mean is large. Subtract the
    mean first, then average the squares."""
    square = np.mean(x * x, axis=batch_axes(x), keepdims=True)
    return _normalized(x, named, lambda mean, _, eps: inverse_std(square - mean * mean, eps))


def statistics_of_each_pixel(x: Array, **named: Any) -> Any:
    """Mean and variance are taken over the batch only, one for each pixel. Average over the batch
    and all positions: axes (0, 2, 3)."""
    return _other_axes(x, named, 0)


def statistics_of_each_sample(x: Array, **named: Any) -> Any:
    """Mean and variance are taken over each sample's pixels: that is instance normalization.
    Average over the batch too."""
    return _other_axes(x, named, (2, 3))


def reshaped_without_a_transpose(x: Array, **named: Any) -> Any:
    """(N, C, H, W) is reshaped to (N*H*W, C) with the channel still in second place, which mixes
    the channels. Move the channel last first, and back afterwards."""
    out, _ = batch_norm(x.reshape(-1, x.shape[1]), **named)
    _, cache = batch_norm(x, **named)
    outs = out if isinstance(out, tuple) else (out,)
    mixed = (outs[0].reshape(x.shape), *outs[1:])
    return (mixed if isinstance(out, tuple) else mixed[0]), cache


def gamma_forgotten(x: Array, gamma: Any = None, **named: Any) -> Any:
    """The normalized values are not multiplied by gamma. Scale, then shift."""
    _, cache = batch_norm(x, gamma, **named)
    return batch_norm(x, None, **named)[0], cache


def promoted_to_float64(x: Array, **named: Any) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = batch_norm(x, **named)
    outs = out if isinstance(out, tuple) else (out,)
    wide = (outs[0] + np.zeros(x.shape), *outs[1:])
    return (wide if isinstance(out, tuple) else wide[0]), cache


def variance_for_its_root(x: Array, **named: Any) -> Any:
    """The values are divided by the variance. Divide by its square root."""
    return _normalized(x, named, lambda mean, var, eps: 1 / (var + eps))


def beta_forgotten(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
    """beta is not added. Scale, then shift."""
    _, cache = batch_norm(x, gamma, beta, **named)
    return batch_norm(x, gamma, None, **named)[0], cache


def centered_in_place(x: Array, **named: Any) -> Any:
    """x is centered in place, in the caller's array. Work on a copy."""
    answer = batch_norm(x.copy(), **named)
    if answer[1].training:
        x -= np.mean(x, axis=batch_axes(x), keepdims=True)
    return answer


def gamma_missing_in_dx(dout: Array, cache: Cache) -> Any:
    """dx leaves out gamma. Begin with dxhat = dout * gamma."""
    _, *others = batch_norm_backward(dout, cache)
    return (batch_norm_backward(dout, cache._replace(gamma=None))[0], *others)


def path_through_the_mean_missing(dout: Array, cache: Cache) -> Any:
    """dx leaves out the path through the mean. Subtract mean(dxhat)."""
    return _with_paths(dout, cache, mean=0.0)


def path_through_the_variance_missing(dout: Array, cache: Cache) -> Any:
    """dx leaves out the path through the variance. Subtract xhat * mean(dxhat * xhat)."""
    return _with_paths(dout, cache, std=0.0)


def dbeta_for_dgamma_in_dx(dout: Array, cache: Cache) -> Any:
    """The term with xhat is made of the sum of dout. It is made of the sum of dout * xhat."""
    _, *others = batch_norm_backward(dout, cache)
    axes = batch_axes(dout)
    dxhat = dout if cache.gamma is None else dout * per_channel(cache.gamma, dout.ndim)
    if not cache.training:
        return (dxhat * cache.inv_std, *others)
    mean = np.mean(dxhat, axis=axes, keepdims=True)
    return (cache.inv_std * (dxhat - mean - cache.xhat * mean), *others)


def dvar_with_power_one_half(dout: Array, cache: Cache) -> Any:
    """The derivative of (var + eps)^-0.5 is taken with power -0.5. It is -0.5 * (var +
    eps)^-1.5."""
    return _with_paths(dout, cache, std=1 / cache.inv_std**2)


def sum_for_a_mean(dout: Array, cache: Cache) -> Any:
    """The two paths of dx are summed where they should be averaged. Divide by N*H*W."""
    n = dout.size // dout.shape[1]
    return _with_paths(dout, cache, mean=n, std=n)


def dgamma_as_a_row(dout: Array, cache: Cache) -> Any:
    """dgamma has shape (1, C). A gradient has the shape of its parameter, (C,)."""
    dx, dgamma, dbeta = batch_norm_backward(dout, cache)
    return dx, None if dgamma is None else dgamma.reshape(1, -1), dbeta


def dgamma_without_xhat(dout: Array, cache: Cache) -> Any:
    """dgamma sums dout alone, which is dbeta. Sum dout * xhat."""
    dx, dgamma, dbeta = batch_norm_backward(dout, cache)
    return dx, None if dgamma is None else dout.sum(axis=batch_axes(dout)), dbeta


def statistics_taken_for_constants(dout: Array, cache: Cache) -> Any:
    """dx is dxhat / std, as if mean and variance did not depend on x. Both paths are missing."""
    return _with_paths(dout, cache, mean=0.0, std=0.0)


def dx_divided_twice(dout: Array, cache: Cache) -> Any:
    """The means in dx are divided by N twice: a mean is taken of what was divided already."""
    n = dout.size // dout.shape[1]
    return _with_paths(dout, cache, mean=1 / n, std=1 / n)


def gamma_applied_twice_in_dx(dout: Array, cache: Cache) -> Any:
    """dx is multiplied by gamma twice. Once, in dxhat, is enough."""
    dx, *others = batch_norm_backward(dout, cache)
    return dx if cache.gamma is None else dx * per_channel(cache.gamma, dx.ndim), *others


def dbeta_averaged(dout: Array, cache: Cache) -> Any:
    """dgamma and dbeta are averaged. Sum: the mean over samples is the loss's affair."""
    dx, *others = batch_norm_backward(dout, cache)
    n = dout.size // dout.shape[1]
    return dx, *(None if grad is None else grad / n for grad in others)


def dgamma_times_gamma(dout: Array, cache: Cache) -> Any:
    """dgamma is made with dxhat, where gamma is in already. Sum dout * xhat."""
    dx, dgamma, dbeta = batch_norm_backward(dout, cache)
    return dx, None if dgamma is None else dgamma * cache.gamma, dbeta


def _normalized(x: Array, named: Any, inverse: Any) -> Any:
    """The layer with another 1 / std in training: inverse(mean, var, eps)."""
    right, cache = batch_norm(x, **named)
    if not cache.training:
        return right, cache
    axes = batch_axes(x)
    mean, var = np.mean(x, axis=axes, keepdims=True), np.var(x, axis=axes, keepdims=True)
    xhat = (x - mean) * inverse(mean, var, named.get("eps", 1e-5)).astype(x.dtype)
    return _replaced(right, cache, xhat), cache


def _other_axes(x: Array, named: Any, axes: Any) -> Any:
    right, cache = batch_norm(x, **named)
    if not cache.training:
        return right, cache
    var = np.var(x, axis=axes, keepdims=True)
    xhat = (x - np.mean(x, axis=axes, keepdims=True)) * inverse_std(var, named.get("eps", 1e-5))
    return _replaced(right, cache, xhat), cache


def _replaced(right: Any, cache: Cache, xhat: Array) -> Any:
    """The outputs with the first one made of this xhat."""
    out = scale_shift(xhat, per_channel(cache.gamma, xhat.ndim), per_channel(cache.beta, xhat.ndim))
    return (out, *right[1:]) if isinstance(right, tuple) else out


def _with_paths(dout: Array, cache: Cache, mean: Any = 1.0, std: Any = 1.0) -> Any:
    """The backward with its two paths multiplied by these."""
    _, *others = batch_norm_backward(dout, cache)
    axes = batch_axes(dout)
    dxhat = dout if cache.gamma is None else dout * per_channel(cache.gamma, dout.ndim)
    if not cache.training:
        return (dxhat * cache.inv_std, *others)
    through_mean = mean * np.mean(dxhat, axis=axes, keepdims=True)
    through_std = std * cache.xhat * np.mean(dxhat * cache.xhat, axis=axes, keepdims=True)
    return (cache.inv_std * (dxhat - through_mean - through_std), *others)
