"""Soft cross entropy: how surprising classes are of which each has a share of the target."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .log_softmax import log_softmax
from .op import Array, Op, Tensor
from .reduction import REDUCTIONS, reduce, reduce_backward


class Cache(NamedTuple):
    """What soft_cross_entropy_backward reads."""

    log_shares: Array
    target: Array
    reduction: str


def soft_cross_entropy(
    x: Array,
    y: Array,
    weight: Array | None = None,
    *,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[Array, Cache]:
    """loss[n] = -sum over c of weight[c] target[n, c] log_softmax(x)[n, c], target being y.

    x: (N, C), scores · y: (N, C), what share of sample n class c is · weight: (C,), what a class
    counts beside the others, 1 where it is left out -> out: () or, for "none", (N,); cache.
    reduction: "mean" over the samples (torch divides by the sum of weights where it is given whole
    numbers for y, and not where it is given shares), "sum" or "none".
    label_smoothing: this share of the target, 0 to 1, is spread over all C classes alike.

    Raises ValueError where shapes or attributes do not fit.
    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.2.2.3;
    torch.nn.functional.cross_entropy (probabilities as target, weight, label_smoothing).

    >>> out, _ = soft_cross_entropy(np.array([[0.0, -1000.0]]), np.array([[0.75, 0.25]]))
    >>> out
    array(250.)
    """
    check(x, y, weight, reduction, label_smoothing)
    log_shares, _ = log_softmax(x, dim=1)
    target = (1 - label_smoothing) * y + label_smoothing / x.shape[1]
    target = target if weight is None else weight * target
    losses = -np.sum(target * log_shares, axis=1)
    return reduce(losses, reduction, len(x)), Cache(log_shares, target, reduction)


def check(x: Array, y: Array, weight: Array | None, reduction: str, label_smoothing: float) -> None:
    """Raise ValueError where they do not fit."""
    op = "soft_cross_entropy"
    require(f"{op} x", x.ndim == 2 and x.shape[1] > 0, x.shape, "(N, C)")
    require(f"{op} y", y.shape == x.shape, y.shape, f"the shape of x, {x.shape}")
    shape = x.shape[1:] if weight is None else weight.shape
    require(f"{op} weight", shape == x.shape[1:], shape, f"{x.shape[1:]} for x {x.shape}")
    require(f"{op} reduction", reduction in REDUCTIONS, reduction, f"one of {REDUCTIONS}")
    smoothing = f"{op} label_smoothing"
    require(smoothing, 0 <= label_smoothing <= 1, label_smoothing, "0 to 1")


def soft_cross_entropy_backward(dout: Array, cache: Cache) -> Array:
    """dout: () or (N,) -> dx: (N, C) = dout * (softmax(x) * sum of target - target), over N for
    "mean".

    The sum of the target, weighted and smoothed, is 1 only where y's is and no class has a weight.
    """
    log_shares, target, reduction = cache
    surplus = np.exp(log_shares) * np.sum(target, axis=1, keepdims=True) - target
    dx: Array = surplus * reduce_backward(dout, reduction, len(target))
    return dx


OP = Op(
    forward=soft_cross_entropy,
    backward=soft_cross_entropy_backward,
    inputs={
        "x": Tensor("N C"),
        "y": Tensor("N C", draw="shares", differentiable=False),
        "weight": Tensor("C", draw="positive", optional=True, differentiable=False),
    },
)
