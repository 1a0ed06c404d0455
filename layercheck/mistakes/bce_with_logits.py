"""What people get wrong in bce_with_logits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.bce_with_logits import Cache, bce_with_logits, bce_with_logits_backward
from ref_layers.op import Array
from ref_layers.reduction import reduce
from ref_layers.sigmoid import sigmoid


def _loss(losses: Array, x: Array, y: Array, reduction: str, pos_weight: float) -> Any:
    """Other losses than its own, in its reduction."""
    flat = losses if reduction == "none" else losses.reshape(-1)
    return reduce(flat, reduction, x.size), Cache(x, y, reduction, pos_weight)


def log_of_sigmoid(x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1.0) -> Any:
    """The logarithm of sigmoid(x) is taken, which is 0 where x is far below, and 1 where it is far
    above. Take log(1 + exp(-|x|)) in its place."""
    share = sigmoid(x)[0]
    with np.errstate(all="ignore"):
        losses = -pos_weight * y * np.log(share) - (1 - y) * np.log(1 - share)
    return _loss(losses, x, y, reduction, pos_weight)


def log_of_clipped_sigmoid(
    x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1.0
) -> Any:
    """Probabilities are clipped to 1e-7 before the logarithm: no loss is above 16. Compute it from
    x."""
    share = np.clip(sigmoid(x)[0], 1e-7, 1 - 1e-7)
    losses = -pos_weight * y * np.log(share) - (1 - y) * np.log(1 - share)
    return _loss(losses, x, y, reduction, pos_weight)


def exp_overflows(x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1.0) -> Any:
    """exp(-x) is infinite where x is far below. Take exp of -|x|."""
    with np.errstate(all="ignore"):
        losses = (1 - y) * x + (1 - y + pos_weight * y) * np.log1p(np.exp(-x))
    return _loss(losses, x, y, reduction, pos_weight)


def negative_part_missing(
    x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1.0
) -> Any:
    """log(1 + exp(-|x|)) stands for log(1 + exp(-x)) where x is negative, too. Add max(-x, 0)."""
    losses = (1 - y) * x + (1 - y + pos_weight * y) * np.log1p(np.exp(-np.abs(x)))
    return _loss(losses, x, y, reduction, pos_weight)


def no_counts_as_yes(
    x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1.0
) -> Any:
    """y and 1 - y are exchanged. The logarithm of sigmoid(x) goes with y."""
    out, _ = bce_with_logits(x, 1 - y, reduction=reduction, pos_weight=pos_weight)
    return out, Cache(x, y, reduction, pos_weight)


def only_the_yes(x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1.0) -> Any:
    """Only y log(sigmoid(x)) is counted. Count (1 - y) log(1 - sigmoid(x)), too."""
    losses = pos_weight * y * (np.log1p(np.exp(-np.abs(x))) + np.where(x < 0, -x, 0))
    return _loss(losses, x, y, reduction, pos_weight)


def sign_missing(x: Array, y: Array, **attributes: Any) -> Any:
    """The logarithm's minus is missing: the loss is negative. Negate it."""
    out, cache = bce_with_logits(x, y, **attributes)
    return -out, cache


def sum_for_mean(x: Array, y: Array, *, reduction: str = "mean", **attributes: Any) -> Any:
    """The mean is not divided by how many numbers there are. Divide the sum by it."""
    out, cache = bce_with_logits(x, y, reduction=reduction, **attributes)
    return (out * x.size if reduction == "mean" else out), cache


def divided_by_samples(x: Array, y: Array, *, reduction: str = "mean", **attributes: Any) -> Any:
    """The sum is divided by the number of samples. Divide it by the number of all numbers of x."""
    out, cache = bce_with_logits(x, y, reduction=reduction, **attributes)
    return (out * (x.size // len(x)) if reduction == "mean" else out), cache


def reduction_ignored(x: Array, y: Array, *, reduction: str = "mean", **attributes: Any) -> Any:
    """The mean is returned whatever reduction is. Follow it."""
    cache = bce_with_logits(x, y, reduction=reduction, **attributes)[1]
    return bce_with_logits(x, y, **attributes)[0], cache


def pos_weight_ignored(
    x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1
) -> Any:
    """pos_weight is not used. Multiply the losses of a yes by it."""
    out, _ = bce_with_logits(x, y, reduction=reduction)
    return out, Cache(x, y, reduction, pos_weight)


def pos_weight_on_both(x: Array, y: Array, *, pos_weight: float = 1.0, **attributes: Any) -> Any:
    """All losses are multiplied by pos_weight. Multiply those of a yes only."""
    out, cache = bce_with_logits(x, y, **attributes)
    return pos_weight * out, cache._replace(pos_weight=pos_weight)


def pos_weight_on_the_no(
    x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1.0
) -> Any:
    """The losses of a no are multiplied by pos_weight. Multiply those of a yes."""
    missed_yes = np.log1p(np.exp(-np.abs(x))) + np.where(x < 0, -x, 0)
    losses = pos_weight * (1 - y) * (x + missed_yes) + y * missed_yes
    return _loss(losses, x, y, reduction, pos_weight)


def squared_error(x: Array, y: Array, *, reduction: str = "mean", pos_weight: float = 1.0) -> Any:
    """(sigmoid(x) - y) squared is returned: that is another loss. Take logarithms."""
    share = sigmoid(x)[0]
    return _loss((share - y) * (share - y), x, y, reduction, pos_weight)


def gradient_not_divided(dout: Array, cache: Cache) -> Array:
    """The gradient of the mean is not divided by how many numbers there are. Divide it."""
    mean = cache.reduction == "mean"
    return bce_with_logits_backward(dout, cache._replace(reduction="sum") if mean else cache)


def gradient_divided_by_samples(dout: Array, cache: Cache) -> Array:
    """The gradient of the mean is divided by the number of samples. Divide it by the number of all
    numbers of x."""
    dx = bce_with_logits_backward(dout, cache)
    return dx * (cache.x.size // len(cache.x)) if cache.reduction == "mean" else dx


def gradient_negated(dout: Array, cache: Cache) -> Array:
    """y - sigmoid(x) is returned: the gradient's sign is reversed. Subtract y."""
    return -bce_with_logits_backward(dout, cache)


def gradient_without_dout(dout: Array, cache: Cache) -> Array:
    """dout is not used. Multiply by it."""
    return bce_with_logits_backward(np.ones_like(dout), cache)


def gradient_without_pos_weight(dout: Array, cache: Cache) -> Array:
    """The gradient does not know pos_weight. Multiply that of a yes by it."""
    return bce_with_logits_backward(dout, cache._replace(pos_weight=1.0))


def gradient_of_probabilities(dout: Array, cache: Cache) -> Array:
    """x is taken for a probability: x - y is returned. Take sigmoid(x) first."""
    x, y, reduction, pos_weight = cache
    yes = pos_weight * y
    slopes = (1 - y + yes) * x - yes
    mean_of = x.size if reduction == "mean" else 1
    dx: Array = slopes * (dout / mean_of)
    return dx


def slope_of_sigmoid_too(dout: Array, cache: Cache) -> Array:
    """The gradient is multiplied by sigmoid(x) (1 - sigmoid(x)), too. It is for x already."""
    share: Array = sigmoid(cache.x)[0]
    dx: Array = bce_with_logits_backward(dout, cache) * share * (1 - share)
    return dx
