"""Instance normalization: each channel of each sample is normalized over its positions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .normalization import (
    Axes,
    normalize,
    normalize_backward,
    per_channel,
    scale_shift_backward,
)
from .op import Array, Op, Tensor


class Cache(NamedTuple):
    """What backward needs."""

    xhat: Array
    inv_std: Array
    gamma: Array | None
    beta: Array | None


def instance_norm(
    x: Array, gamma: Array | None = None, beta: Array | None = None, *, eps: float = 1e-5
) -> tuple[Array, Cache]:
    """out = gamma * (x - mean) / sqrt(var + eps) + beta, for each channel of each sample by itself.

    x: (N, C, L), (N, C, H, W) or (N, C, ...) · gamma, beta: (C,) or None -> out: as x, cache.
    eps: added to the biased variance, in x's units squared.

    Raises ValueError where shapes do not fit or a channel has a single position.
    Source: Ulyanov, Vedaldi and Lempitsky, Instance Normalization, 2016, equation 2.

    >>> instance_norm(np.array([[[1.0, 3.0], [10.0, 30.0]]]), eps=0.0)[0]
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    check(x, gamma, beta)
    scale, shift = per_channel(gamma, x.ndim), per_channel(beta, x.ndim)
    out, xhat, inv_std, *_ = normalize(x, positions(x), eps, scale, shift)
    return out, Cache(xhat, inv_std, gamma, beta)


def instance_norm_backward(dout: Array, cache: Cache) -> tuple[Array, Array | None, Array | None]:
    """dout: as x -> dx: as x, dgamma: (C,) or None, dbeta: (C,) or None."""
    xhat, inv_std, gamma, beta = cache
    scale = per_channel(gamma, dout.ndim)
    dx = normalize_backward(dout, xhat, inv_std, positions(dout), scale)
    others = (0, *positions(dout))
    return dx, *scale_shift_backward(dout, xhat, gamma, beta, others)


def positions(x: Array) -> Axes:
    """All axes but the sample's and the channel's."""
    return tuple(range(2, x.ndim))


def check(x: Array, gamma: Array | None, beta: Array | None) -> None:
    """Raise ValueError where shapes or attributes do not fit."""
    require("instance_norm x", x.ndim >= 3, x.shape, "(N, C, L) or (N, C, H, W)")
    c, values = x.shape[1], int(np.prod(x.shape[2:]))
    require(
        "instance_norm x",
        values > 1,
        f"{x.shape}: {values} position(s) a channel",
        "at least 2 positions a channel",
    )
    for name, value in {"gamma": gamma, "beta": beta}.items():
        fits = value is None or value.shape == (c,)
        require(f"instance_norm {name}", fits, getattr(value, "shape", None), f"({c},)")


OP = Op(
    forward=instance_norm,
    backward=instance_norm_backward,
    inputs={
        "x": Tensor("N C H W"),
        "gamma": Tensor("C", draw="weight", optional=True),
        "beta": Tensor("C", draw="weight", optional=True),
    },
)
