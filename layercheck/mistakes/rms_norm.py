"""What people get wrong in rms_norm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ref_layers.layer_norm import layer_norm, trailing
from ref_layers.normalization import inverse_std, scale_shift, statistics
from ref_layers.op import Array
from ref_layers.rms_norm import Cache, rms_norm, rms_norm_backward


def _scaled_by(
    x: Array, gamma: Any, named: Any, inverse: Callable[[Array, float], Array], axes: Any = None
) -> Any:
    """rms_norm with another factor, made of the mean square and eps."""
    cache = rms_norm(x, gamma, **named)[1]
    over = trailing(x, cache.normalized_dims) if axes is None else axes
    square = np.mean(x * x, axis=over, keepdims=True)
    return scale_shift(x * inverse(square, named.get("eps", 1e-6)), gamma, None), cache


def layer_norm_in_its_place(x: Array, gamma: Any = None, **named: Any) -> Any:
    """The mean is subtracted: that is layer normalization. Divide by the root of the mean square
    only."""
    out = layer_norm(x, gamma, **{"eps": 1e-6, **named})[0]
    return out, rms_norm(x, gamma, **named)[1]


def variance_for_the_mean_square(x: Array, gamma: Any = None, **named: Any) -> Any:
    """The variance stands under the root. It is the mean of x^2, with no mean subtracted."""
    cache = rms_norm(x, gamma, **named)[1]
    _, var = statistics(x, trailing(x, cache.normalized_dims))
    return scale_shift(x * inverse_std(var, named.get("eps", 1e-6)), gamma, None), cache


def sum_for_the_mean(x: Array, gamma: Any = None, **named: Any) -> Any:
    """The squares are summed: that is the Euclidean norm. Take their mean."""
    count = int(np.prod(x.shape[-named.get("normalized_dims", 1) :]))
    return _scaled_by(x, gamma, named, lambda square, eps: inverse_std(square * count, eps))


def root_missing(x: Array, gamma: Any = None, **named: Any) -> Any:
    """x is divided by the mean square. Divide by its root."""
    return _scaled_by(x, gamma, named, lambda square, eps: 1 / (square + eps))


def eps_outside_the_root(x: Array, gamma: Any = None, **named: Any) -> Any:
    """eps is added to the root. Add it to the mean square, under the root."""
    return _scaled_by(x, gamma, named, lambda square, eps: 1 / (np.sqrt(square) + eps))


def eps_forgotten(x: Array, gamma: Any = None, **named: Any) -> Any:
    """eps is missing. Divide by sqrt(mean square + eps)."""
    return _scaled_by(x, gamma, named, lambda square, eps: inverse_std(square, 0))


def eps_of_layer_norm(x: Array, gamma: Any = None, **named: Any) -> Any:
    """eps is 1e-5, which is layer normalization's default, whatever was asked for. Use eps."""
    return _scaled_by(x, gamma, named, lambda square, eps: inverse_std(square, 1e-5))


def normalized_over_the_batch(x: Array, gamma: Any = None, **named: Any) -> Any:
    """The mean square is taken over the leading axes. Take it over the trailing ones."""
    axes = tuple(range(x.ndim - named.get("normalized_dims", 1)))
    return _scaled_by(x, gamma, named, inverse_std, axes)


def normalized_over_the_last_axis_alone(x: Array, gamma: Any = None, **named: Any) -> Any:
    """The mean square is taken over the last axis, whatever normalized_dims says. Take it over that
    many trailing axes."""
    return _scaled_by(x, gamma, named, inverse_std, (x.ndim - 1,))


def normalized_over_each_sample(x: Array, gamma: Any = None, **named: Any) -> Any:
    """The mean square is taken over everything but the batch, whatever normalized_dims says. Take
    it over that many trailing axes."""
    return _scaled_by(x, gamma, named, inverse_std, tuple(range(1, x.ndim)))


def gamma_forgotten(x: Array, gamma: Any = None, **named: Any) -> Any:
    """The normalized values are not multiplied by gamma. Scale them."""
    cache = rms_norm(x, gamma, **named)[1]
    return cache.xhat, cache


def one_added_to_gamma(x: Array, gamma: Any = None, **named: Any) -> Any:
    """The values are scaled by 1 + gamma, as in Gemma, of a new layer by 2. Scale by gamma."""
    cache = rms_norm(x, gamma, **named)[1]
    return 2 * cache.xhat if gamma is None else scale_shift(cache.xhat, 1 + gamma, None), cache


def divided_in_place(x: Array, gamma: Any = None, **named: Any) -> Any:
    """x is divided in place, in the caller's array. Make a new one."""
    answer = rms_norm(x.copy(), gamma, **named)
    x *= answer[1].inv_rms
    return answer


def promoted_to_double(x: Array, gamma: Any = None, **named: Any) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = rms_norm(x, gamma, **named)
    return out * np.ones(x.shape), cache


def dx_without_gamma(dout: Array, cache: Cache) -> Any:
    """gamma is missing in dx. Multiply dout by gamma first."""
    dgamma = rms_norm_backward(dout, cache)[1]
    return rms_norm_backward(dout, cache._replace(gamma=None))[0], dgamma


def dx_gamma_applied_last(dout: Array, cache: Cache) -> Any:
    """dx is multiplied by gamma at the end. gamma varies along the normalized axes: multiply dout
    by it first, before the mean is taken."""
    dx = rms_norm_backward(dout, cache._replace(gamma=None))[0]
    dgamma = rms_norm_backward(dout, cache)[1]
    return dx if cache.gamma is None else dx * cache.gamma, dgamma


def root_taken_for_a_constant(dout: Array, cache: Cache) -> Any:
    """dx is dxhat over the root, as if the root did not depend on x. Subtract xhat times the mean
    of dxhat*xhat."""
    dxhat = dout if cache.gamma is None else dout * cache.gamma
    return dxhat * cache.inv_rms, rms_norm_backward(dout, cache)[1]


def dx_of_layer_norm(dout: Array, cache: Cache) -> Any:
    """The mean of dxhat is subtracted: that is layer normalization's path through its mean. There
    is none here."""
    dx, dgamma = rms_norm_backward(dout, cache)
    dxhat = dout if cache.gamma is None else dout * cache.gamma
    mean = np.mean(dxhat, axis=trailing(dout, cache.normalized_dims), keepdims=True)
    return dx - cache.inv_rms * mean, dgamma


def dx_with_a_sum(dout: Array, cache: Cache) -> Any:
    """dxhat*xhat is summed in dx. Take its mean."""
    dx, dgamma = rms_norm_backward(dout, cache)
    straight = root_taken_for_a_constant(dout, cache)[0]
    count = int(np.prod(dout.shape[-cache.normalized_dims :]))
    return straight + count * (dx - straight), dgamma


def dgamma_without_xhat(dout: Array, cache: Cache) -> Any:
    """dgamma is the sum of dout. Multiply dout by xhat first."""
    dx, dgamma = rms_norm_backward(dout, cache)
    leading = tuple(range(dout.ndim - cache.normalized_dims))
    return dx, None if dgamma is None else np.sum(dout, axis=leading)


def dgamma_averaged(dout: Array, cache: Cache) -> Any:
    """dgamma is averaged. Sum: the mean over samples is the loss's affair."""
    dx, dgamma = rms_norm_backward(dout, cache)
    places = int(np.prod(dout.shape[: -cache.normalized_dims]))
    return dx, None if dgamma is None else dgamma / places


def dgamma_summed_over_the_batch_alone(dout: Array, cache: Cache) -> Any:
    """dgamma is summed over axis 0 alone, which is right for two dimensions only. Sum over all
    leading axes."""
    dx, dgamma = rms_norm_backward(dout, cache)
    return dx, None if dgamma is None else np.sum(dout * cache.xhat, axis=0)


def dgamma_with_its_axes(dout: Array, cache: Cache) -> Any:
    """dgamma keeps the axes that were summed, with size 1. A gradient has the shape of its
    parameter."""
    dx, dgamma = rms_norm_backward(dout, cache)
    return dx, None if dgamma is None else dgamma.reshape(1, *dgamma.shape)
