"""Softmax cross entropy: how surprising the true class is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .log_softmax import log_softmax
from .op import Array, Op, Tensor
from .reduction import check_loss, is_label, reduce, reduce_backward


class Cache(NamedTuple):
    """What softmax_cross_entropy_backward reads."""

    log_shares: Array
    own: Array
    kept: Array
    label_smoothing: float
    reduction: str


def softmax_cross_entropy(
    x: Array,
    y: Array,
    *,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    ignore_index: int = -100,
) -> tuple[Array, Cache]:
    """loss[n] = -sum over c of target[n, c] log_softmax(x)[n, c], target being 1 at class y[n].

    x: (N, C), scores · y: (N,), whole numbers, classes -> out: () or, for "none", (N,); cache.
    reduction: "mean" over the samples that count, "sum" or "none".
    label_smoothing: this share of the target, 0 to 1, is spread over all C classes alike.
    ignore_index: samples of this class have loss 0 and do not count (where none counts, the mean is
    nan, as in torch).

    Raises ValueError where shapes, labels or attributes do not fit.
    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.2.2.3; Szegedy et al.,
    Rethinking the Inception Architecture, 2016, section 7 (smoothing).

    >>> out, _ = softmax_cross_entropy(np.array([[0.0, 0.0], [0.0, -1000.0]]), np.array([0, 1]))
    >>> out
    array(500.34657359)
    """
    kept = y != ignore_index
    check_loss("softmax_cross_entropy", x, y, reduction, kept)
    require(
        "softmax_cross_entropy label_smoothing",
        0 <= label_smoothing <= 1,
        label_smoothing,
        "0 to 1",
    )
    log_shares, _ = log_softmax(x, dim=1)
    label = np.where(kept, y, 0)
    surprise = -np.take_along_axis(log_shares, label[:, None], 1)[:, 0]
    evenly = -np.mean(log_shares, axis=1)
    losses = (1 - label_smoothing) * surprise + label_smoothing * evenly
    out = reduce(np.where(kept, losses, 0), reduction, int(kept.sum()))
    return out, Cache(log_shares, is_label(y, x.shape[1]), kept, label_smoothing, reduction)


def softmax_cross_entropy_backward(dout: Array, cache: Cache) -> Array:
    """dout: () or (N,) -> dx: (N, C) = dout * (softmax(x) - target), over N for "mean"."""
    log_shares, own, kept, label_smoothing, reduction = cache
    evenly = label_smoothing / own.shape[1]
    shares = np.exp(log_shares)
    surplus = np.where(own, shares - (1 - label_smoothing + evenly), shares - evenly)
    dlosses = reduce_backward(dout, reduction, int(kept.sum()))
    return np.where(kept[:, None], surplus * dlosses, 0)


OP = Op(
    forward=softmax_cross_entropy,
    backward=softmax_cross_entropy_backward,
    inputs={
        "x": Tensor("N C"),
        "y": Tensor("N", draw="labels:C", differentiable=False),
    },
)
