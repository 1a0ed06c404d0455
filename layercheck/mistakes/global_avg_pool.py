"""What people get wrong in global_avg_pool."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.global_avg_pool import Cache, global_avg_pool, global_avg_pool_backward
from ref_layers.op import Array


def summed_only(x: Array, **attributes: Any) -> Any:
    """Pixels are summed, not averaged. Divide by H*W."""
    out, cache = global_avg_pool(x, **attributes)
    return out * (x.shape[2] * x.shape[3]), cache


def divided_by_the_height_alone(x: Array, **attributes: Any) -> Any:
    """The sum is divided by H*H. Divide by H*W."""
    out, cache = global_avg_pool(x, **attributes)
    return out * x.shape[3] / x.shape[2], cache


def maximum_for_the_mean(x: Array, **attributes: Any) -> Any:
    """The largest value of each channel is taken: that is global max pooling. Take the mean."""
    out, cache = global_avg_pool(x, **attributes)
    return x.max(axis=(2, 3)).reshape(out.shape), cache


def mean_over_the_channels(x: Array, **attributes: Any) -> Any:
    """The mean is taken over the channels too. Average over axes (2, 3) alone."""
    out, cache = global_avg_pool(x, **attributes)
    return np.broadcast_to(out.mean(axis=1, keepdims=True), out.shape).copy(), cache


def channels_taken_for_last(x: Array, **attributes: Any) -> Any:
    """The mean is taken over axes (1, 2), as for channels that come last. Here they come second:
    average over axes (2, 3)."""
    _, cache = global_avg_pool(x, **attributes)
    return x.mean(axis=(1, 2), keepdims=attributes.get("keepdims", True)), cache


def dx_not_divided(dout: Array, cache: Cache) -> Any:
    """Every pixel gets the whole gradient. Divide it by H*W."""
    return global_avg_pool_backward(dout, cache) * (cache.shape[2] * cache.shape[3])


def dx_divided_by_the_batch(dout: Array, cache: Cache) -> Any:
    """dx is divided by N too. The mean over samples is the loss's affair."""
    return global_avg_pool_backward(dout, cache) / cache.shape[0]


def dx_not_spread(dout: Array, cache: Cache) -> Any:
    """dx has one pixel a channel. Spread the gradient over x's shape."""
    return dout.reshape(*cache.shape[:2], 1, 1) / (cache.shape[2] * cache.shape[3])
