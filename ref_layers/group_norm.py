"""Group normalization: each sample's channels are normalized in groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .normalization import (
    normalize,
    normalize_backward,
    scale_shift_backward,
)
from .op import Array, Op, Tensor, is_size

GROUP = (2, 3)
"""The axes of `by_group` that are averaged over."""


class Cache(NamedTuple):
    """What forward keeps for backward."""

    xhat: Array
    inv_std: Array
    gamma: Array | None
    beta: Array | None
    num_groups: int


def group_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    num_groups: int,
    eps: float = 1e-5,
) -> tuple[Array, Cache]:
    """out = gamma * (x - mean) / sqrt(var + eps) + beta, a mean and var for each sample and group.

    x: (N, C, H, W), or (N, C, ...) · gamma, beta: (C,) or None -> out: as x, cache.
    Group g holds the C/num_groups neighbouring channels from g*C/num_groups on.
    eps: added to the biased variance, in x's units squared.

    Raises ValueError where C is not a multiple of num_groups or shapes do not fit.
    Source: Wu and He, Group Normalization, 2018, section 3.

    >>> out, _ = group_norm(np.array([[1.0, 3.0, 10.0, 30.0]]), num_groups=2, eps=0.0)
    >>> out
    array([[-1.,  1., -1.,  1.]])
    """
    check(x, gamma, beta, num_groups)
    scale, shift = by_channel(gamma, num_groups), by_channel(beta, num_groups)
    out, xhat, inv_std, *_ = normalize(by_group(x, num_groups), GROUP, eps, scale, shift)
    return out.reshape(x.shape), Cache(xhat.reshape(x.shape), inv_std, gamma, beta, num_groups)


def group_norm_backward(dout: Array, cache: Cache) -> tuple[Array, Array | None, Array | None]:
    """dout: as x -> dx: as x, dgamma: (C,) or None, dbeta: (C,) or None."""
    xhat, inv_std, gamma, beta, groups = cache
    dgrouped, grouped = by_group(dout, groups), by_group(xhat, groups)
    scale = by_channel(gamma, groups)
    dx = normalize_backward(dgrouped, grouped, inv_std, GROUP, scale).reshape(dout.shape)
    others = (0, *range(2, dout.ndim))
    return dx, *scale_shift_backward(dout, xhat, gamma, beta, others)


def by_group(x: Array, groups: int) -> Array:
    """(N, C, ...) -> (N, groups, C/groups, positions)."""
    return x.reshape(*x.shape[:1], groups, x.shape[1] // groups, int(np.prod(x.shape[2:])))


def by_channel(p: Array | None, groups: int) -> Array | None:
    """(C,) -> (1, groups, C/groups, 1), so that it broadcasts against by_group's."""
    return None if p is None else p.reshape(1, groups, len(p) // groups, 1)


def check(x: Array, gamma: Array | None, beta: Array | None, num_groups: int) -> None:
    require("group_norm x", x.ndim >= 2, x.shape, "(N, C, ...)")
    c = x.shape[1]
    divides = is_size(num_groups) and num_groups >= 1 and c % num_groups == 0
    require("group_norm num_groups", divides, num_groups, f"a divisor of C = {c}")
    for name, value in {"gamma": gamma, "beta": beta}.items():
        fits = value is None or value.shape == (c,)
        require(f"group_norm {name}", fits, getattr(value, "shape", None), f"({c},)")


OP = Op(
    forward=group_norm,
    backward=group_norm_backward,
    inputs={
        "x": Tensor("N num_groups*c H W"),
        "gamma": Tensor("num_groups*c", draw="weight", optional=True),
        "beta": Tensor("num_groups*c", draw="weight", optional=True),
    },
)
