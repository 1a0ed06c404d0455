"""What people get wrong in soft_cross_entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.log_softmax import log_softmax
from ref_layers.op import Array
from ref_layers.reduction import reduce, reduce_backward
from ref_layers.soft_cross_entropy import Cache, soft_cross_entropy, soft_cross_entropy_backward
from ref_layers.softmax import softmax


def _loss(log_shares: Array, target: Array, cache: Cache) -> Any:
    """The loss of other logarithms or another target, in its reduction; its cache as it was."""
    losses = -(target * log_shares).sum(axis=1)
    return reduce(losses, cache.reduction, len(losses)), cache


def _of(log_shares: Array, *arrays: Array, **attributes: Any) -> Any:
    """The loss of other logarithms than log_softmax's."""
    cache: Cache = soft_cross_entropy(*arrays, **attributes)[1]
    return _loss(log_shares, cache.target, cache)


def _likeliest(y: Array) -> Array:
    """One-hot rows of each sample's largest share."""
    alone: Array = (y.argmax(axis=1)[:, None] == np.arange(y.shape[1])).astype(y.dtype)
    return alone


def not_divided_by_n(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The mean is not divided by the number of samples. Divide the sum by it."""
    out, cache = soft_cross_entropy(x, y, weight, **attributes)
    return (out * len(x) if cache.reduction == "mean" else out), cache


def divided_by_classes_too(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The mean runs over samples and classes. Divide by the number of samples only."""
    out, cache = soft_cross_entropy(x, y, weight, **attributes)
    return (out / x.shape[1] if cache.reduction == "mean" else out), cache


def divided_by_the_weights(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The mean is divided by the sum of the samples' weights, as torch does where y is whole
    numbers. Where y is shares, divide by the number of samples."""
    out, cache = soft_cross_entropy(x, y, weight, **attributes)
    if cache.reduction != "mean" or weight is None:
        return out, cache
    return np.asarray(out * (len(x) / (weight * y).sum())), cache


def reduction_ignored(
    x: Array, y: Array, weight: Any = None, *, reduction: str = "mean", **attributes: Any
) -> Any:
    """The mean is returned whatever reduction is. Follow it."""
    cache = soft_cross_entropy(x, y, weight, reduction=reduction, **attributes)[1]
    return soft_cross_entropy(x, y, weight, **attributes)[0], cache


def sign_missing(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The logarithm's minus is missing: the loss is negative. Negate it."""
    out, cache = soft_cross_entropy(x, y, weight, **attributes)
    return -out, cache


def log_of_softmax(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The logarithm of the shares is taken: infinite where a share is too small for its dtype. Use
    log_softmax."""
    return _of(np.log(softmax(x)[0]), x, y, weight, **attributes)


def log_of_clipped_softmax(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """Shares are clipped to 1e-12 before the logarithm: none is below -27.6. Use log_softmax."""
    return _of(np.log(np.maximum(softmax(x)[0], 1e-12)), x, y, weight, **attributes)


def no_shift(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The largest score is not subtracted: exp(1000) is inf. Use log_softmax."""
    log_shares = x - np.log(np.exp(x).sum(axis=1, keepdims=True))
    return _of(log_shares, x, y, weight, **attributes)


def softmax_over_samples(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The shares add up to 1 over the samples. They do over the classes."""
    return _of(log_softmax(x, dim=0)[0], x, y, weight, **attributes)


def softmax_twice(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The scores go through softmax twice. Hand scores, not shares, to this loss."""
    return _of(log_softmax(softmax(x)[0])[0], x, y, weight, **attributes)


def scores_for_shares(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The target goes through softmax, too. It is made of shares already."""
    cache = soft_cross_entropy(x, y, weight, **attributes)[1]
    other = soft_cross_entropy(x, softmax(y)[0], weight, **attributes)[0]
    return other, cache


def hard_target(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """Only the class of the largest share counts. Sum over all classes."""
    cache = soft_cross_entropy(x, y, weight, **attributes)[1]
    return soft_cross_entropy(x, _likeliest(y), weight, **attributes)[0], cache


def entropy_subtracted(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The logarithm of the target is subtracted, too: that is the Kullback-Leibler divergence
    (kl_div). Leave it out."""
    cache = soft_cross_entropy(x, y, weight, **attributes)[1]
    log_target = np.log(np.where(y > 0, y, 1))
    return _loss(cache.log_shares - log_target, cache.target, cache)


def weight_ignored(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """weight is not used. Multiply each class's term by its weight."""
    cache = soft_cross_entropy(x, y, weight, **attributes)[1]
    return soft_cross_entropy(x, y, **attributes)[0], cache


def weight_of_the_likeliest(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """A sample is weighed by its likeliest class alone. Multiply each class's term by that class's
    weight."""
    out, cache = soft_cross_entropy(x, y, weight, **attributes)
    if weight is None:
        return out, cache
    plain = soft_cross_entropy(x, y, **attributes)[1]
    return _loss(plain.log_shares, plain.target * weight[y.argmax(axis=1)][:, None], cache)


def weight_on_the_scores(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The scores are multiplied by the weights. Multiply the logarithms of the shares."""
    cache = soft_cross_entropy(x, y, weight, **attributes)[1]
    weighted = x if weight is None else x * weight
    return soft_cross_entropy(weighted, y, **attributes)[0], cache


def weight_not_on_what_is_smoothed(
    x: Array, y: Array, weight: Any = None, *, label_smoothing: float = 0.0, **attributes: Any
) -> Any:
    """The target is weighted before it is smoothed: what is spread has no weights. Smooth first."""
    cache = soft_cross_entropy(x, y, weight, label_smoothing=label_smoothing, **attributes)[1]
    weighted = y if weight is None else weight * y
    out, _ = soft_cross_entropy(x, weighted, label_smoothing=label_smoothing, **attributes)
    return out, cache


def smoothing_forgotten(
    x: Array, y: Array, weight: Any = None, *, label_smoothing: float = 0.0, **attributes: Any
) -> Any:
    """label_smoothing is ignored. Spread that share of the target over all classes."""
    cache = soft_cross_entropy(x, y, weight, label_smoothing=label_smoothing, **attributes)[1]
    return soft_cross_entropy(x, y, weight, **attributes)[0], cache


def smoothing_not_taken_from_the_target(
    x: Array, y: Array, weight: Any = None, *, label_smoothing: float = 0.0, **attributes: Any
) -> Any:
    """The smoothed share is added, but the target keeps the whole. It keeps 1 - label_smoothing."""
    out, cache = soft_cross_entropy(x, y, weight, label_smoothing=label_smoothing, **attributes)
    plain, _ = soft_cross_entropy(x, y, weight, **attributes)
    return np.asarray(out + label_smoothing * plain), cache


def input_overwritten(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """`x -= max` changes the caller's array. Write x = x - max."""
    out, cache = soft_cross_entropy(x, y, weight, **attributes)
    x -= x.max(axis=1, keepdims=True)
    return out, cache


def target_overwritten(
    x: Array, y: Array, weight: Any = None, *, label_smoothing: float = 0.0, **attributes: Any
) -> Any:
    """The caller's y is smoothed and weighted in place. Make a new array."""
    found = soft_cross_entropy(x, y, weight, label_smoothing=label_smoothing, **attributes)
    y *= 1 - label_smoothing
    y += label_smoothing / y.shape[1]
    y *= 1 if weight is None else weight
    return found


def promoted_to_double(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = soft_cross_entropy(x, y, weight, **attributes)
    return np.zeros(out.shape) + out, cache


def gradient_not_weighted(x: Array, y: Array, weight: Any = None, **attributes: Any) -> Any:
    """The gradient does not know weight. The target that is subtracted is the weighted one."""
    out, _ = soft_cross_entropy(x, y, weight, **attributes)
    return out, soft_cross_entropy(x, y, **attributes)[1]


def gradient_not_smoothed(
    x: Array, y: Array, weight: Any = None, *, label_smoothing: float = 0.0, **attributes: Any
) -> Any:
    """The gradient has y itself though the loss is smoothed. Subtract the smoothed target."""
    out, _ = soft_cross_entropy(x, y, weight, label_smoothing=label_smoothing, **attributes)
    return out, soft_cross_entropy(x, y, weight, **attributes)[1]


def gradient_not_divided_by_n(dout: Array, cache: Cache) -> Any:
    """The gradient of the mean is not divided by the number of samples. Divide it."""
    reduction = "sum" if cache.reduction == "mean" else cache.reduction
    return soft_cross_entropy_backward(dout, cache._replace(reduction=reduction))


def gradient_divided_always(dout: Array, cache: Cache) -> Any:
    """The gradient is divided by the number of samples whatever reduction is. Do so for "mean"
    only."""
    dx = soft_cross_entropy_backward(dout, cache)
    return dx if cache.reduction == "mean" else dx / len(dx)


def without_dout(dout: Array, cache: Cache) -> Any:
    """The gradient from above is taken for 1. Multiply by dout."""
    return soft_cross_entropy_backward(np.ones_like(dout), cache)


def dout_of_the_first_sample(dout: Array, cache: Cache) -> Any:
    """With reduction "none" one number of dout serves all samples. Multiply row n by dout[n]."""
    return soft_cross_entropy_backward(np.full_like(dout, dout.reshape(-1)[0]), cache)


def target_not_subtracted(dout: Array, cache: Cache) -> Any:
    """dx is the shares times the target's sum. Subtract the target."""
    return soft_cross_entropy_backward(dout, cache) + cache.target * _of_each(dout, cache)


def gradient_sign_wrong(dout: Array, cache: Cache) -> Any:
    """dx = target - shares: that climbs. It is shares - target."""
    return -soft_cross_entropy_backward(dout, cache)


def sum_of_the_target_forgotten(dout: Array, cache: Cache) -> Any:
    """dx = shares - target, which is so only where the target adds up to 1. With weights, multiply
    the shares by its sum."""
    return (np.exp(cache.log_shares) - cache.target) * _of_each(dout, cache)


def logarithms_for_shares(dout: Array, cache: Cache) -> Any:
    """The logarithms of the shares stand in the gradient. Take exp of them."""
    total = cache.target.sum(axis=1, keepdims=True)
    return (cache.log_shares * total - cache.target) * _of_each(dout, cache)


def hard_target_in_gradient(dout: Array, cache: Cache) -> Any:
    """1 is subtracted at the class of the largest share. Subtract the whole target."""
    alone = _likeliest(cache.target) * cache.target.sum(axis=1, keepdims=True)
    return soft_cross_entropy_backward(dout, cache._replace(target=alone))


def target_of_the_next_sample(dout: Array, cache: Cache) -> Any:
    """The target is subtracted in the wrong row. Row n takes y[n]."""
    other = cache._replace(target=np.roll(cache.target, 1, axis=0))
    return soft_cross_entropy_backward(dout, other)


def dout_overwritten(dout: Array, cache: Cache) -> Any:
    """dout is divided in place, which corrupts the caller's array. Make a new one."""
    dx = soft_cross_entropy_backward(dout, cache)
    dout /= len(dx)
    return dx


def _of_each(dout: Array, cache: Cache) -> Array:
    """The gradient of each sample's loss, as a column."""
    return reduce_backward(dout, cache.reduction, len(cache.target))
