"""Batch normalization: each channel is normalized over the batch and all positions."""

from __future__ import annotations

from typing import Any, NamedTuple

from .arrays import require
from .normalization import (
    Axes,
    inverse_std,
    normalize,
    normalize_backward,
    per_channel,
    scale_shift,
    scale_shift_backward,
)
from .op import Array, Op, Tensor


class Cache(NamedTuple):
    """What forward keeps for backward."""

    xhat: Array
    inv_std: Array
    gamma: Array | None
    beta: Array | None
    training: bool


def batch_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    *,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
    unbiased_running_var: bool = True,
) -> tuple[Any, Cache]:
    """out = gamma * (x - mean) / sqrt(var + eps) + beta, with one mean and var for each channel.

    x: (N, C), (N, C, L) or (N, C, H, W) · gamma, beta, running_mean, running_var: (C,) or None ->
    out: as x, cache; in training with running statistics (out, running_mean, running_var), cache.
    training: mean and biased variance of this batch; otherwise the running ones.
    momentum: the share of this batch in the new running statistics, (1 - momentum)*old +
    momentum*new (torch's meaning; Keras's momentum is 1 minus this).
    unbiased_running_var: whether the variance that goes there is divided by n - 1 (torch) or by n
    (Keras). eps: added to the variance, in x's units squared.

    Nothing is changed in place. Raises ValueError where shapes do not fit, statistics are missing,
    or training meets a single value per channel.
    Source: Ioffe and Szegedy, Batch Normalization, 2015, algorithm 1.

    >>> import numpy as np
    >>> out, _ = batch_norm(np.array([[1.0, 10.0], [3.0, 30.0]]), eps=0.0)
    >>> out
    array([[-1., -1.],
           [ 1.,  1.]])
    """
    check(x, gamma, beta, running_mean, running_var, training)
    scale, shift = per_channel(gamma, x.ndim), per_channel(beta, x.ndim)
    if training or running_mean is None or running_var is None:
        out, xhat, inv_std, mean, var = normalize(x, batch_axes(x), eps, scale, shift)
    else:
        shape = (1, -1, *(1,) * (x.ndim - 2))
        mean, var = running_mean.reshape(shape), running_var.reshape(shape)
        inv_std = inverse_std(var, eps)
        xhat = (x - mean) * inv_std
        out = scale_shift(xhat, scale, shift)
    cache = Cache(xhat, inv_std, gamma, beta, training)
    if not training or running_mean is None or running_var is None:
        return out, cache
    n = x.size // x.shape[1]
    batch_var = var * (n / (n - 1)) if unbiased_running_var else var
    new_mean = (1 - momentum) * running_mean + momentum * mean.reshape(-1)
    new_var = (1 - momentum) * running_var + momentum * batch_var.reshape(-1)
    return (out, new_mean, new_var), cache


def batch_norm_backward(dout: Array, cache: Cache) -> tuple[Array, Array | None, Array | None]:
    """dout: as x -> dx: as x, dgamma: (C,) or None, dbeta: (C,) or None."""
    xhat, inv_std, gamma, beta, training = cache
    axes, scale = batch_axes(dout), per_channel(gamma, dout.ndim)
    if training:
        dx = normalize_backward(dout, xhat, inv_std, axes, scale)
    else:
        dx = scale_shift(dout, scale, None) * inv_std
    return dx, *scale_shift_backward(dout, xhat, gamma, beta, axes)


def batch_axes(x: Array) -> Axes:
    """All axes but the channel's, 1."""
    return (0, *range(2, x.ndim))


def check(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    training: bool,
) -> None:
    require("batch_norm x", x.ndim in (2, 3, 4), x.shape, "(N, C), (N, C, L) or (N, C, H, W)")
    channels = {
        "gamma": gamma,
        "beta": beta,
        "running_mean": running_mean,
        "running_var": running_var,
    }
    for name, value in channels.items():
        fits = value is None or value.shape == x.shape[1:2]
        require(f"batch_norm {name}", fits, getattr(value, "shape", None), f"({x.shape[1]},)")
    both = (running_mean is None) == (running_var is None)
    require("batch_norm", both, "one of running_mean and running_var", "both or neither")
    require(
        "batch_norm",
        training or running_mean is not None,
        "training=False without statistics",
        "running_mean and running_var",
    )
    values = x.size // max(1, x.shape[1])
    require(
        "batch_norm x",
        not training or values > 1,
        f"{x.shape}: {values} for each channel",
        "at least 2 values for each channel in training",
    )


OP = Op(
    forward=batch_norm,
    backward=batch_norm_backward,
    inputs={
        "x": Tensor("N C H W"),
        "gamma": Tensor("C", draw="weight", optional=True),
        "beta": Tensor("C", draw="weight", optional=True),
        "running_mean": Tensor("C", draw="state", optional=True, differentiable=False),
        "running_var": Tensor("C", draw="positive", optional=True, differentiable=False),
    },
    outputs=("out", "running_mean", "running_var"),
    conventions={"unbiased_running_var": (True, False)},
)
