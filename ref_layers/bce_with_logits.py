"""Binary cross entropy of scores: each number of x answers one question with yes or no."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .op import Array, Op, Tensor
from .reduction import REDUCTIONS, reduce
from .sigmoid import sigmoid


class Cache(NamedTuple):
    """What bce_with_logits_backward reads."""

    x: Array
    y: Array
    reduction: str
    pos_weight: float


def bce_with_logits(
    x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1.0
) -> tuple[Array, Cache]:
    """loss = -(pos_weight y log(sigmoid(x)) + (1 - y) log(1 - sigmoid(x))), for each number.

    x: any shape, scores · y: as x, targets from 0 to 1 -> out: () or, for "none", as x; cache.
    reduction: "mean" over all numbers, "sum" or "none". pos_weight: what a missed yes counts beside
    a missed no. exp is taken of -|x| only, which never overflows:
    -log(sigmoid(x)) = log(1 + exp(-|x|)) + max(-x, 0), and -log(1 - sigmoid(x)) is that plus x.

    Raises ValueError where shapes or attributes do not fit.
    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.2.2.2;
    torch.nn.functional.binary_cross_entropy_with_logits (pos_weight, reduction).

    >>> bce_with_logits(np.array([0.0, -1000.0]), np.array([1.0, 1.0]), reduction="none")[0]
    array([6.93147181e-01, 1.00000000e+03])
    """
    require("bce_with_logits y", y.shape == x.shape, y.shape, f"the shape of x, {x.shape}")
    require("bce_with_logits reduction", reduction in REDUCTIONS, reduction, f"one of {REDUCTIONS}")
    missed_yes = np.log1p(np.exp(-np.abs(x))) + np.where(x < 0, -x, 0)
    losses = (1 - y) * x + (1 - y + pos_weight * y) * missed_yes
    flat = losses if reduction == "none" else losses.reshape(-1)
    return reduce(flat, reduction, x.size), Cache(x, y, reduction, pos_weight)


def bce_with_logits_backward(dout: Array, cache: Cache) -> Array:
    """dout: () or as x -> dx: as x = dout * ((1 - y + pos_weight y) sigmoid(x) - pos_weight y),
    over the number of all for "mean"."""
    x, y, reduction, pos_weight = cache
    yes = pos_weight * y
    slopes = (1 - y + yes) * sigmoid(x)[0] - yes
    return slopes * (dout / x.size if reduction == "mean" else dout)


OP = Op(
    forward=bce_with_logits,
    backward=bce_with_logits_backward,
    inputs={
        "x": Tensor("N C H W"),
        "y": Tensor("N C H W", draw="target", differentiable=False),
    },
)
