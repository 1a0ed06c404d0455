"""Multiclass hinge loss: every wrong class should score a margin below the true one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .op import Array, Op, Tensor
from .reduction import check_loss, is_label, reduce, reduce_backward


class Cache(NamedTuple):
    """What svm_loss_backward reads."""

    violated: Array
    own: Array
    reduction: str


def svm_loss(
    x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean"
) -> tuple[Array, Cache]:
    """loss[n] = sum over c != y[n] of max(0, x[n, c] - x[n, y[n]] + margin).

    x: (N, C), scores · y: (N,), whole numbers, classes -> out: () or, for "none", (N,); cache.
    margin: in units of x. reduction: "mean" over samples, "sum" or "none".
    torch.nn.functional.multi_margin_loss is this divided by C.

    Raises ValueError where shapes, labels or reduction do not fit.
    Source: Stanford CS231n, Linear Classification, 'Multiclass Support Vector Machine loss'.

    >>> out, _ = svm_loss(np.array([[3.0, 5.0, -2.0]]), np.array([0]))
    >>> out
    array(3.)
    """
    check_loss("svm_loss", x, y, reduction)
    own = is_label(y, x.shape[1])
    excess = x - np.take_along_axis(x, y[:, None], 1) + margin  # (N, C)
    violated = (excess > 0) & ~own
    losses = np.where(violated, excess, 0).sum(axis=1)
    return reduce(losses, reduction, len(y)), Cache(violated, own, reduction)


def svm_loss_backward(dout: Array, cache: Cache) -> Array:
    """dout: () or (N,) -> dx: (N, C): each violated margin pushes its class down, the true one up.

    Where a margin is met exactly the gradient is 0.
    """
    violated, own, reduction = cache
    pushed = np.where(violated, reduce_backward(dout, reduction, len(own)), 0)
    return np.where(own, -pushed.sum(axis=1, keepdims=True), pushed)


OP = Op(
    forward=svm_loss,
    backward=svm_loss_backward,
    inputs={
        "x": Tensor("N C"),
        "y": Tensor("N", draw="labels:C", differentiable=False),
    },
)
