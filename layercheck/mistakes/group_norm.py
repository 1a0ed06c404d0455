"""What people get wrong in group_norm."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.group_norm import GROUP, Cache, by_group, group_norm, group_norm_backward
from ref_layers.normalization import inverse_std, normalize_backward, per_channel, scale_shift
from ref_layers.op import Array


def instance_norm_in_its_place(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """Each channel is normalized alone: that is instance normalization. A group's channels share
    one mean and variance."""
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    return group_norm(x, gamma, beta, num_groups=x.shape[1], eps=eps)[0], cache


def layer_norm_in_its_place(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """All channels are normalized together: that is layer normalization. Each group has a mean and
    variance of its own."""
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    return group_norm(x, gamma, beta, num_groups=1, eps=eps)[0], cache


def channels_interleaved(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """Channel c goes to group c % num_groups. Groups are neighbouring channels: c // (C /
    num_groups)."""
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    order = np.arange(x.shape[1]).reshape(-1, num_groups).T.reshape(-1)
    xhat = np.empty_like(x)
    xhat[:, order] = group_norm(x[:, order], num_groups=num_groups, eps=eps)[0]
    return _scaled(xhat, gamma, beta), cache


def groups_of_so_many_channels(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """num_groups is taken for the number of channels in a group. It is that of groups: each has
    C / num_groups channels."""
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    groups = x.shape[1] // num_groups
    return group_norm(x, gamma, beta, num_groups=groups, eps=eps)[0], cache


def gamma_for_each_group(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """A group's channels all take its first channel's gamma. gamma and beta belong to channels,
    (C,)."""
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    size = x.shape[1] // num_groups
    shared = None if gamma is None else np.repeat(gamma[::size], size)
    return group_norm(x, shared, beta, num_groups=num_groups, eps=eps)[0], cache


def groups_over_the_batch(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """Mean and variance are taken over the batch too. Each sample has its own."""
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    grouped = by_group(x, num_groups)
    mean, var = (
        np.mean(grouped, (0, *GROUP), keepdims=True),
        np.var(grouped, (0, *GROUP), keepdims=True),
    )
    return _normalized(cache, grouped, mean, inverse_std(var, eps)), cache


def unbiased_variance(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """The variance is divided by n - 1. The normalization takes the biased one (n)."""
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    grouped = by_group(x, num_groups)
    mean, var = np.mean(grouped, GROUP, keepdims=True), np.var(grouped, GROUP, keepdims=True)
    n = grouped[0, 0].size
    var = var * float(np.divide(n, n - 1))  # of one: inf * 0
    return _normalized(cache, grouped, mean, inverse_std(var, eps)), cache


def variance_in_one_pass(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """The variance is E[x^2] - E[x]^2, which loses its digits where the mean is large. Subtract the
    mean first, then average the squares."""
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    grouped = by_group(x, num_groups)
    mean = np.mean(grouped, GROUP, keepdims=True)
    var = np.mean(grouped * grouped, GROUP, keepdims=True) - mean * mean
    return _normalized(cache, grouped, mean, inverse_std(var, eps)), cache


def eps_outside_the_root(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """eps is added to the standard deviation. Add it to the variance, under the root."""
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    grouped = by_group(x, num_groups)
    mean, var = np.mean(grouped, GROUP, keepdims=True), np.var(grouped, GROUP, keepdims=True)
    return _normalized(cache, grouped, mean, 1 / (np.sqrt(var) + eps)), cache


def beta_added_before_gamma(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """beta is added first and then multiplied by gamma too. Scale, then shift."""
    right, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    if gamma is None or beta is None:
        return right, cache
    return (cache.xhat + per_channel(beta, x.ndim)) * per_channel(gamma, x.ndim), cache


def cut_to_float32(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """Everything is computed in float32 and float64 loses half its digits. Name no dtype: keep
    x's."""
    narrow: list[Any] = [None if v is None else v.astype(np.float32) for v in (x, gamma, beta)]
    _, cache = group_norm(x, gamma, beta, num_groups=num_groups, eps=eps)
    out, _ = group_norm(*narrow, num_groups=num_groups, eps=eps)
    return out.astype(x.dtype), cache


def centered_in_place(
    x: Array, gamma: Any = None, beta: Any = None, *, num_groups: int, eps: float = 1e-5
) -> Any:
    """`x -= mean` changes the caller's array, since a reshape is a view. Write x = x - mean."""
    answer = group_norm(x.copy(), gamma, beta, num_groups=num_groups, eps=eps)
    grouped = by_group(x, num_groups)
    grouped -= np.mean(grouped, GROUP, keepdims=True)
    return answer


def gamma_missing_in_dx(dout: Array, cache: Cache) -> Any:
    """dx leaves out gamma. Begin with dxhat = dout * gamma."""
    _, *others = group_norm_backward(dout, cache)
    return (group_norm_backward(dout, cache._replace(gamma=None))[0], *others)


def gamma_applied_last_in_dx(dout: Array, cache: Cache) -> Any:
    """gamma multiplies dx at the end. It differs within a group, so it belongs inside the means:
    begin with dxhat = dout * gamma."""
    dx, *others = group_norm_backward(dout, cache._replace(gamma=None))
    _, *others = group_norm_backward(dout, cache)
    return (dx if cache.gamma is None else dx * per_channel(cache.gamma, dout.ndim), *others)


def normalised_by_the_width(dout: Array, cache: Cache) -> Any:
    """dx averages over C/G * W values where there are C/G * H * W. Divide by the group's number of
    elements."""
    return _with_paths(dout, cache, mean=dout.shape[2], std=dout.shape[2])


def path_through_the_mean_missing(dout: Array, cache: Cache) -> Any:
    """dx leaves out the path through the mean. Subtract mean(dxhat)."""
    return _with_paths(dout, cache, mean=0)


def path_through_the_variance_missing(dout: Array, cache: Cache) -> Any:
    """dx leaves out the path through the variance. Subtract xhat * mean(dxhat * xhat)."""
    return _with_paths(dout, cache, std=0)


def xhat_missing_in_the_variance_path(dout: Array, cache: Cache) -> Any:
    """The variance path averages dxhat where it should average dxhat * xhat. Multiply by xhat
    inside the mean."""
    dxhat = _dxhat(dout, cache)
    xhat = by_group(cache.xhat, cache.num_groups)
    mean = np.mean(dxhat, GROUP, keepdims=True)
    dx = cache.inv_std * (dxhat - mean - xhat * mean)
    return (dx.reshape(dout.shape), *group_norm_backward(dout, cache)[1:])


def dx_of_instance_norm(dout: Array, cache: Cache) -> Any:
    """dx averages over each channel alone. The means run over the whole group."""
    size = dout.shape[1] // cache.num_groups
    channels = (*dout.shape[:2], -1)
    inv_std = np.repeat(cache.inv_std[..., 0], size, axis=1)
    dxhat = _dxhat(dout, cache).reshape(channels)
    dx = normalize_backward(dxhat, cache.xhat.reshape(channels), inv_std, (2,))
    return (dx.reshape(dout.shape), *group_norm_backward(dout, cache)[1:])


def dgamma_as_keepdims(dout: Array, cache: Cache) -> Any:
    """dgamma has shape (1, C, 1, 1). A gradient has the shape of its parameter, (C,)."""
    dx, dgamma, dbeta = group_norm_backward(dout, cache)
    return dx, None if dgamma is None else dgamma.reshape(1, -1, 1, 1), dbeta


def dbeta_averaged(dout: Array, cache: Cache) -> Any:
    """dbeta is averaged. Sum dout over samples and pixels: the mean is the loss's affair."""
    dx, dgamma, dbeta = group_norm_backward(dout, cache)
    return dx, dgamma, None if dbeta is None else dout.mean(axis=(0, 2, 3))


def dgamma_and_dbeta_with_their_axes(dout: Array, cache: Cache) -> Any:
    """dgamma and dbeta keep the axes that were summed, with size 1. A gradient has the shape of its
    parameter."""
    dx, *others = group_norm_backward(dout, cache)
    return dx, *(None if grad is None else grad.reshape(1, *grad.shape) for grad in others)


def dgamma_times_gamma(dout: Array, cache: Cache) -> Any:
    """dgamma is made with dxhat, where gamma is in already. Sum dout * xhat."""
    dx, dgamma, dbeta = group_norm_backward(dout, cache)
    return dx, None if dgamma is None else dgamma * cache.gamma, dbeta


def _dxhat(dout: Array, cache: Cache) -> Array:
    dxhat = dout if cache.gamma is None else dout * per_channel(cache.gamma, dout.ndim)
    return by_group(dxhat, cache.num_groups)


def _scaled(xhat: Array, gamma: Any, beta: Any) -> Array:
    return scale_shift(xhat, per_channel(gamma, xhat.ndim), per_channel(beta, xhat.ndim))


def _normalized(cache: Cache, grouped: Array, mean: Array, inv_std: Array) -> Array:
    """The layer with these statistics, (N or 1, G, 1, 1)."""
    xhat = ((grouped - mean) * inv_std).reshape(cache.xhat.shape)
    return _scaled(xhat, cache.gamma, cache.beta)


def _with_paths(dout: Array, cache: Cache, mean: int = 1, std: int = 1) -> Any:
    """The backward with its two paths multiplied by these."""
    dxhat, xhat = _dxhat(dout, cache), by_group(cache.xhat, cache.num_groups)
    through_mean = mean * np.mean(dxhat, GROUP, keepdims=True)
    through_std = std * xhat * np.mean(dxhat * xhat, GROUP, keepdims=True)
    dx = cache.inv_std * (dxhat - through_mean - through_std)
    return (dx.reshape(dout.shape), *group_norm_backward(dout, cache)[1:])
