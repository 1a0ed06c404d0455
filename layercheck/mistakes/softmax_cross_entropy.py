"""What people get wrong in softmax_cross_entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.log_softmax import log_softmax
from ref_layers.op import Array
from ref_layers.reduction import is_label, reduce
from ref_layers.softmax import softmax
from ref_layers.softmax_cross_entropy import (
    Cache,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
)


def _loss(log_shares: Array, x: Array, y: Array, **attributes: Any) -> Any:
    """The loss of other logarithms than log_softmax's."""
    cache: Cache = softmax_cross_entropy(x, y, **attributes)[1]
    wrong = _losses(log_shares, cache)
    return reduce(wrong, cache.reduction, int(cache.kept.sum())), cache


def _losses(log_shares: Array, cache: Cache) -> Array:
    smoothing = cache.label_smoothing
    losses = -np.where(cache.own, log_shares, 0).sum(axis=1)
    if smoothing:
        losses = (1 - smoothing) * losses - smoothing * log_shares.mean(axis=1)
    return np.where(cache.kept, losses, 0)


def not_divided_by_n(x: Array, y: Array, **attributes: Any) -> Any:
    """The mean is not divided by the number of samples. Divide the sum by it."""
    out, cache = softmax_cross_entropy(x, y, **attributes)
    return (out * int(cache.kept.sum()) if cache.reduction == "mean" else out), cache


def divided_by_classes_too(x: Array, y: Array, **attributes: Any) -> Any:
    """The mean runs over samples and classes. Divide by the number of samples only."""
    out, cache = softmax_cross_entropy(x, y, **attributes)
    return (out / x.shape[1] if cache.reduction == "mean" else out), cache


def reduction_ignored(x: Array, y: Array, *, reduction: str = "mean", **attributes: Any) -> Any:
    """The mean is returned whatever reduction is. Follow it."""
    cache = softmax_cross_entropy(x, y, reduction=reduction, **attributes)[1]
    return softmax_cross_entropy(x, y, **attributes)[0], cache


def sign_missing(x: Array, y: Array, **attributes: Any) -> Any:
    """The logarithm's minus is missing: the loss is negative. Negate it."""
    out, cache = softmax_cross_entropy(x, y, **attributes)
    return -out, cache


def log_of_softmax(x: Array, y: Array, **attributes: Any) -> Any:
    """The logarithm of the shares is taken: inf where a share is too small for its dtype. Use
    log_softmax."""
    return _loss(np.log(softmax(x)[0]), x, y, **attributes)


def log_of_clipped_softmax(x: Array, y: Array, **attributes: Any) -> Any:
    """Shares are clipped to 1e-12 before the logarithm: no loss is above 27.6. Use log_softmax."""
    return _loss(np.log(np.maximum(softmax(x)[0], 1e-12)), x, y, **attributes)


def no_shift(x: Array, y: Array, **attributes: Any) -> Any:
    """The largest score is not subtracted: exp(1000) is inf. Use log_softmax."""
    return _loss(x - np.log(np.exp(x).sum(axis=1, keepdims=True)), x, y, **attributes)


def no_shift_in_the_gradient_either(x: Array, y: Array, **attributes: Any) -> Any:
    """The largest score is not subtracted, for loss and gradient: exp(1000) is inf, and every share
    0. Use log_softmax."""
    log_shares = x - np.log(np.exp(x).sum(axis=1, keepdims=True))
    out, cache = _loss(log_shares, x, y, **attributes)
    return out, cache._replace(log_shares=log_shares)


def shifted_by_the_global_maximum(x: Array, y: Array, **attributes: Any) -> Any:
    """The largest score of all samples is subtracted: a row far below it adds up to 0, whose
    logarithm is -inf. Subtract each row's own."""
    shifted = x - x.max()
    log_shares = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    out, cache = _loss(log_shares, x, y, **attributes)
    return out, cache._replace(log_shares=log_shares)


def shifted_by_the_column_maximum(x: Array, y: Array, **attributes: Any) -> Any:
    """The largest score of each class is subtracted, which changes the shares. Subtract each
    sample's own: axis 1."""
    shifted = x - x.max(axis=0, keepdims=True)
    log_shares = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    out, cache = _loss(log_shares, x, y, **attributes)
    return out, cache._replace(log_shares=log_shares)


def softmax_over_the_batch(x: Array, y: Array, **attributes: Any) -> Any:
    """Shares add up to 1 over the samples, axis 0. They add up to 1 over the classes, axis 1."""
    return _loss(log_softmax(x, dim=0)[0], x, y, **attributes)


def softmax_twice(x: Array, y: Array, **attributes: Any) -> Any:
    """The scores go through softmax twice. Hand scores, not shares, to this loss."""
    return _loss(log_softmax(softmax(x)[0])[0], x, y, **attributes)


def labels_shifted(x: Array, y: Array, **attributes: Any) -> Any:
    """Labels are counted from 1. The first class is 0."""
    cache = softmax_cross_entropy(x, y, **attributes)[1]
    other = cache._replace(own=np.roll(cache.own, -1, axis=1))
    losses = _losses(cache.log_shares, other)
    return reduce(losses, cache.reduction, int(cache.kept.sum())), cache


def base_two(x: Array, y: Array, **attributes: Any) -> Any:
    """The logarithm has base 2. Use the natural one."""
    out, cache = softmax_cross_entropy(x, y, **attributes)
    return np.asarray(out / float(np.log(2))), cache


def base_ten_of_the_sum(x: Array, y: Array, **attributes: Any) -> Any:
    """The logarithm of the sum of exp has base 10, the score has none. Use np.log for both."""
    shifted = x - x.max(axis=1, keepdims=True)
    total = np.exp(shifted).sum(axis=1, keepdims=True)
    return _loss(shifted - np.log(total) / float(np.log(10)), x, y, **attributes)


def labels_of_all_samples(x: Array, y: Array, **attributes: Any) -> Any:
    """Each sample is asked for the labels of all: [:, y] takes whole columns. Take
    [arange(N), y]."""
    cache = softmax_cross_entropy(x, y, **attributes)[1]
    kept = y[cache.kept]
    share = cache.log_shares[:, kept].mean(axis=1, keepdims=True) if kept.size else 0.0
    return _loss(np.broadcast_to(share, x.shape), x, y, **attributes)


def smoothing_forgotten(
    x: Array, y: Array, *, label_smoothing: float = 0.0, **attributes: Any
) -> Any:
    """label_smoothing is ignored. Spread that share of the target over all classes."""
    cache = softmax_cross_entropy(x, y, label_smoothing=label_smoothing, **attributes)[1]
    return softmax_cross_entropy(x, y, **attributes)[0], cache


def smoothing_over_the_others(
    x: Array, y: Array, *, label_smoothing: float = 0.0, **attributes: Any
) -> Any:
    """The smoothed share goes to the C - 1 other classes. torch and Keras spread it over all C."""
    c = x.shape[1]
    others = label_smoothing * c / (c - 1)
    cache = softmax_cross_entropy(x, y, label_smoothing=label_smoothing, **attributes)[1]
    return softmax_cross_entropy(x, y, label_smoothing=others, **attributes)[0], cache


def smoothing_not_taken_from_the_label(
    x: Array, y: Array, *, label_smoothing: float = 0.0, **attributes: Any
) -> Any:
    """The smoothed share is added, but the label keeps its 1. The label keeps 1 -
    label_smoothing."""
    out, cache = softmax_cross_entropy(x, y, label_smoothing=label_smoothing, **attributes)
    plain = softmax_cross_entropy(x, y, **attributes)[0]
    return out + label_smoothing * plain, cache


def ignored_samples_divide(x: Array, y: Array, **attributes: Any) -> Any:
    """The mean is divided by N though some samples are ignored. Divide by those that count."""
    out, cache = softmax_cross_entropy(x, y, **attributes)
    share = float(cache.kept.mean())
    return (out * share if cache.reduction == "mean" else out), cache


def ignored_samples_count(
    x: Array, y: Array, *, ignore_index: int = -100, **attributes: Any
) -> Any:
    """Samples of the ignored class have a loss. Set it to 0."""
    cache = softmax_cross_entropy(x, y, ignore_index=ignore_index, **attributes)[1]
    return softmax_cross_entropy(x, y, **attributes)[0], cache


def input_overwritten(x: Array, y: Array, **attributes: Any) -> Any:
    """`x -= max` changes the caller's array. Write x = x - max."""
    out, cache = softmax_cross_entropy(x, y, **attributes)
    x -= x.max(axis=1, keepdims=True)
    return out, cache


def promoted_to_double(x: Array, y: Array, **attributes: Any) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = softmax_cross_entropy(x, y, **attributes)
    return np.zeros(out.shape) + out, cache


def gradient_not_divided_by_n(dout: Array, cache: Cache) -> Any:
    """The gradient of the mean is not divided by the number of samples. Divide it."""
    reduction = "sum" if cache.reduction == "mean" else cache.reduction
    return softmax_cross_entropy_backward(dout, cache._replace(reduction=reduction))


def gradient_divided_always(dout: Array, cache: Cache) -> Any:
    """The gradient is divided by the number of samples whatever reduction is. Do so for "mean"
    only."""
    dx = softmax_cross_entropy_backward(dout, cache)
    return dx if cache.reduction == "mean" else dx / int(cache.kept.sum())


def gradient_divided_by_classes(dout: Array, cache: Cache) -> Any:
    """The gradient of the mean is divided by the number of classes. Divide by that of samples."""
    dx = softmax_cross_entropy_backward(dout, cache)
    n = int(cache.kept.sum())
    return dx * (n / cache.own.shape[1]) if cache.reduction == "mean" else dx


def without_dout(dout: Array, cache: Cache) -> Any:
    """The gradient from above is taken for 1. Multiply by dout."""
    return softmax_cross_entropy_backward(np.ones_like(dout), cache)


def dout_of_the_first_sample(dout: Array, cache: Cache) -> Any:
    """With reduction "none" one number of dout serves all samples. Multiply row n by dout[n]."""
    return softmax_cross_entropy_backward(np.full_like(dout, dout.reshape(-1)[0]), cache)


def target_not_subtracted(dout: Array, cache: Cache) -> Any:
    """dx is the shares. Subtract the target: 1 at the label."""
    nobody = cache._replace(own=np.zeros_like(cache.own), label_smoothing=0.0)
    return softmax_cross_entropy_backward(dout, nobody)


def gradient_of_the_label_only(dout: Array, cache: Cache) -> Any:
    """Only the label's score has a gradient. Every score has one, through the sum of exp."""
    return np.where(cache.own, softmax_cross_entropy_backward(dout, cache), 0)


def gradient_sign_wrong(dout: Array, cache: Cache) -> Any:
    """dx = target - shares: that climbs. It is shares - target."""
    return -softmax_cross_entropy_backward(dout, cache)


def logarithms_for_shares(dout: Array, cache: Cache) -> Any:
    """The logarithms of the shares stand in the gradient. Take exp of them."""
    shares = np.exp(cache.log_shares)
    wrong = cache._replace(log_shares=np.log(np.abs(cache.log_shares) + shares))
    return softmax_cross_entropy_backward(dout, wrong)


def gradient_not_smoothed(dout: Array, cache: Cache) -> Any:
    """The gradient has the hard target though the loss is smoothed. Subtract the smoothed one."""
    return softmax_cross_entropy_backward(dout, cache._replace(label_smoothing=0.0))


def gradient_of_ignored_samples(dout: Array, cache: Cache) -> Any:
    """Ignored samples have a gradient. It is 0, as their loss does not depend on x."""
    dx = softmax_cross_entropy_backward(dout, cache)
    every = cache._replace(kept=np.ones_like(cache.kept))
    return np.where(cache.kept[:, None], dx, softmax_cross_entropy_backward(dout, every))


def gradient_divided_by_all_samples(dout: Array, cache: Cache) -> Any:
    """The gradient of the mean is divided by N though some samples are ignored. Divide by those
    that count."""
    dx = softmax_cross_entropy_backward(dout, cache)
    return dx * float(cache.kept.mean()) if cache.reduction == "mean" else dx


def dout_overwritten(dout: Array, cache: Cache) -> Any:
    """dout is divided in place, which corrupts the caller's array. Make a new one."""
    dx = softmax_cross_entropy_backward(dout, cache)
    dout /= len(cache.kept)
    return dx


def label_of_the_next_sample(dout: Array, cache: Cache) -> Any:
    """The target is subtracted in the wrong row. Row n takes y[n]."""
    own = is_label(np.roll(cache.own.argmax(axis=1), 1), cache.own.shape[1])
    return softmax_cross_entropy_backward(dout, cache._replace(own=own))
