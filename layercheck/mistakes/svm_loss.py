"""What people get wrong in svm_loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.op import Array
from ref_layers.reduction import is_label, reduce
from ref_layers.svm_loss import Cache, svm_loss, svm_loss_backward


def _excess(x: Array, y: Array, margin: float) -> tuple[Array, Array]:
    """Each class's excess over the margin, (N, C), and whose class is whose."""
    return x - x[np.arange(len(y)), y][:, None] + margin, is_label(y, x.shape[1])


def _as(losses: Array, x: Array, y: Array, margin: float, reduction: str) -> Any:
    return reduce(losses, reduction, len(y)), svm_loss(x, y, margin=margin, reduction=reduction)[1]


def true_class_counted(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The true class counts, too: every loss is one margin too large. Leave it out of the sum."""
    excess, _ = _excess(x, y, margin)
    return _as(np.maximum(excess, 0).sum(axis=1), x, y, margin, reduction)


def not_divided_by_n(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The mean is not divided by the number of samples. Divide the sum by it."""
    out, cache = svm_loss(x, y, margin=margin, reduction=reduction)
    return (out * len(y) if reduction == "mean" else out), cache


def divided_by_classes(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The loss is divided by the number of classes: that is torch's multi_margin_loss. Leave the
    sum over classes as it is."""
    out, cache = svm_loss(x, y, margin=margin, reduction=reduction)
    return np.asarray(out / x.shape[1]), cache


def reduction_ignored(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The mean is returned whatever reduction is. Follow it."""
    cache = svm_loss(x, y, margin=margin, reduction=reduction)[1]
    return svm_loss(x, y, margin=margin)[0], cache


def margin_forgotten(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """No margin is added. A wrong class has to score a margin below the true one."""
    cache = svm_loss(x, y, margin=margin, reduction=reduction)[1]
    return svm_loss(x, y, margin=0.0, reduction=reduction)[0], cache


def margin_one_always(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The margin is 1 whatever is asked for. Use margin."""
    cache = svm_loss(x, y, margin=margin, reduction=reduction)[1]
    return svm_loss(x, y, reduction=reduction)[0], cache


def margin_subtracted(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The margin is subtracted. Add it: a lead below the margin costs."""
    cache = svm_loss(x, y, margin=margin, reduction=reduction)[1]
    return svm_loss(x, y, margin=-margin, reduction=reduction)[0], cache


def worst_class_only(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """Only the worst class counts: that is the loss of Crammer and Singer. Sum over all wrong
    ones."""
    excess, own = _excess(x, y, margin)
    return _as(np.where(own, 0, np.maximum(excess, 0)).max(axis=1), x, y, margin, reduction)


def labels_of_all_left_out(
    x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    """The classes of all samples are left out of each sample's sum, as margins[:, y] = 0 does.
    Leave out its own: margins[np.arange(N), y]."""
    excess, own = _excess(x, y, margin)
    others = np.logical_not(own.any(axis=0))
    return _of_some(excess, np.logical_and(excess > 0, others), own, reduction)


def _of_some(excess: Array, violated: Array, own: Array, reduction: str) -> Any:
    """The loss of these classes alone, and what its gradient is made of."""
    losses = np.where(violated, excess, 0).sum(axis=1)
    return reduce(losses, reduction, len(own)), Cache(violated, own, reduction)


def not_cut_off(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """Classes far below the true one lower the loss. Cut off at 0: max(0, ...)."""
    excess, own = _excess(x, y, margin)
    return _as(np.where(own, 0, excess).sum(axis=1), x, y, margin, reduction)


def cut_off_after_the_sum(
    x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    """max(0, ...) is taken of the sum. Take it of each class."""
    excess, own = _excess(x, y, margin)
    return _as(np.maximum(np.where(own, 0, excess).sum(axis=1), 0), x, y, margin, reduction)


def small_violations_dropped(
    x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    """A violation counts only where it is above the margin. It counts where it is above 0."""
    excess, own = _excess(x, y, margin)
    counted = np.where((excess > margin) & ~own, excess, 0)
    out, cache = _as(counted.sum(axis=1), x, y, margin, reduction)
    return out, cache._replace(violated=(excess > margin) & ~own)


def squared(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """Each excess is squared: that is the L2 form. Leave it as it is."""
    excess, own = _excess(x, y, margin)
    hinge = np.where(own, 0, np.maximum(excess, 0))
    return _as((hinge * hinge).sum(axis=1), x, y, margin, reduction)


def sign_swapped(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The true class's score minus the wrong one's: good scores cost. It is x[c] - x[y] +
    margin."""
    cache = svm_loss(x, y, margin=margin, reduction=reduction)[1]
    return svm_loss(-x, y, margin=margin, reduction=reduction)[0], cache


def violations_counted(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The number of violated margins is returned. Add up by how much they are violated."""
    excess, own = _excess(x, y, margin)
    return _as(((excess > 0) & ~own).sum(axis=1).astype(x.dtype), x, y, margin, reduction)


def input_overwritten(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """`x -= x[y]` changes the caller's array. Make a new one."""
    out, cache = svm_loss(x, y, margin=margin, reduction=reduction)
    x -= x[np.arange(len(y)), y][:, None]
    return out, cache


def promoted_to_double(x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = svm_loss(x, y, margin=margin, reduction=reduction)
    return np.zeros(out.shape) + out, cache


def true_class_pushed_once(dout: Array, cache: Cache) -> Any:
    """The true class gets -1 once. It gets -1 for each violated margin."""
    dx = svm_loss_backward(dout, cache)
    count = np.maximum(cache.violated.sum(axis=1, keepdims=True), 1)
    return np.where(cache.own, dx / count.astype(dx.dtype), dx)


def true_class_not_pushed(dout: Array, cache: Cache) -> Any:
    """The true class has no gradient. It gets -1 for each violated margin."""
    return np.where(cache.own, 0, svm_loss_backward(dout, cache))


def gradient_not_divided_by_n(dout: Array, cache: Cache) -> Any:
    """The gradient of the mean is not divided by the number of samples. Divide it."""
    reduction = "sum" if cache.reduction == "mean" else cache.reduction
    return svm_loss_backward(dout, cache._replace(reduction=reduction))


def gradient_divided_by_classes(dout: Array, cache: Cache) -> Any:
    """The gradient is divided by the number of classes. The loss is not."""
    return svm_loss_backward(dout, cache) / cache.own.shape[1]


def without_dout(dout: Array, cache: Cache) -> Any:
    """The gradient from above is taken for 1. Multiply by dout."""
    return svm_loss_backward(np.ones_like(dout), cache)


def gradient_sign_wrong(dout: Array, cache: Cache) -> Any:
    """The gradient has the wrong sign. A violating class has +1, the true one minus their
    number."""
    return -svm_loss_backward(dout, cache)


def every_class_pushed(dout: Array, cache: Cache) -> Any:
    """Classes that keep the margin have a gradient, too. They have 0."""
    return svm_loss_backward(dout, cache._replace(violated=~cache.own))


def dout_overwritten(dout: Array, cache: Cache) -> Any:
    """dout is divided in place, which corrupts the caller's array. Make a new one."""
    dx = svm_loss_backward(dout, cache)
    dout /= len(cache.own)
    return dx


def met_margins_count(
    x: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean"
) -> tuple[Array, Cache]:
    """`>= 0` gives classes that just meet the margin a gradient. Use > 0: torch and tf.nn have
    0."""
    out, cache = svm_loss(x, y, margin=margin, reduction=reduction)
    excess, own = _excess(x, y, margin)
    return out, cache._replace(violated=(excess >= 0) & ~own)
