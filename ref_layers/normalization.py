"""What every normalization shares: subtract the mean, divide by the standard deviation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .arrays import blocks, promoted
from .op import Array

Axes = tuple[int, ...]


def statistics(x: Array, axes: Axes) -> tuple[Array, Array]:
    """Mean and biased variance over axes, which stay with size 1.

    Two passes: E[x^2] - E[x]^2 would lose all digits where the mean is large.
    """
    mean = np.mean(x, axis=axes, keepdims=True)
    centered = x - mean
    return mean, np.mean(centered * centered, axis=axes, keepdims=True)


class Normalized(NamedTuple):
    """out, xhat: as x · inv_std, mean, var: of the same number of axes, those that were averaged
    over of size 1."""

    out: Array
    xhat: Array
    inv_std: Array
    mean: Array
    var: Array


def normalize(
    x: Array, axes: Axes, eps: float, gamma: Array | None = None, beta: Array | None = None
) -> Normalized:
    """out = gamma * xhat + beta, xhat = (x - mean) / sqrt(var + eps), with mean and biased variance
    over axes; gamma and beta broadcast against x, None leaves one out."""
    x, gamma, beta = promoted(x, gamma, beta)
    out, xhat, found = np.empty_like(x), np.empty_like(x), []
    for part in parts(x, axes):
        mean, var = statistics(x[part], axes)
        inv_std = inverse_std(var, eps)
        xhat[part] = (x[part] - mean) * inv_std
        out[part] = scale_shift(xhat[part], within(gamma, x, part), within(beta, x, part))
        found.append((inv_std, mean, var))
    axis = kept_axis(x, axes)
    return Normalized(out, xhat, *(np.concatenate(each, axis) for each in zip(*found, strict=True)))


def normalize_backward(
    dout: Array, xhat: Array, inv_std: Array, axes: Axes, gamma: Array | None = None
) -> Array:
    """The gradient of out = gamma * xhat + beta, xhat = (x - mean(x)) / std(x), with respect to x.

    The two means are the paths through mean(x) and std(x).
    Source: Ioffe and Szegedy, Batch Normalization, 2015, section 3, simplified.
    """
    dout, xhat, gamma = promoted(dout, xhat, gamma)
    dx: Array = np.empty_like(dout)
    for part in parts(dout, axes):
        dxhat, own = scale_shift(dout[part], within(gamma, dout, part), None), xhat[part]
        through_mean = np.mean(dxhat, axis=axes, keepdims=True)
        through_std = np.mean(dxhat * own, axis=axes, keepdims=True)
        dx[part] = inv_std[part] * (dxhat - through_mean - own * through_std)
    return dx


def parts(x: Array, axes: Axes) -> Iterator[tuple[slice, ...]]:
    """Indices of parts of x that are normalized apart, and stay near the size of a cache."""
    axis = kept_axis(x, axes)
    count = max(1, x.shape[axis])
    for some in blocks(count, int(x.size // count * x.itemsize)):
        yield (*(slice(None),) * axis, some)


def within(p: Array | None, x: Array, part: tuple[slice, ...]) -> Array | None:
    """What of p, which broadcasts against x, belongs to x[part]."""
    axis = -1 if p is None else len(part) - 1 - (x.ndim - p.ndim)
    return p if p is None or axis < 0 or p.shape[axis] == 1 else p[part[-1 - axis :]]


def kept_axis(x: Array, axes: Axes) -> int:
    """The first axis along which nothing is averaged."""
    return next(axis for axis in range(x.ndim) if axis not in axes)


def inverse_std(variance: Array, eps: float) -> Array:
    """1 / sqrt(variance + eps)."""
    inverse: Array = 1 / np.sqrt(variance + eps)
    return inverse


def scale_shift(xhat: Array, gamma: Array | None, beta: Array | None) -> Array:
    """gamma * xhat + beta for parameters that broadcast against xhat; None leaves one out."""
    scaled = xhat if gamma is None else gamma * xhat
    return scaled if beta is None else scaled + beta


def scale_shift_backward(
    dout: Array, xhat: Array, gamma: Array | None, beta: Array | None, axes: Axes
) -> tuple[Array | None, Array | None]:
    """dgamma and dbeta of scale_shift, summed over the axes along which they broadcast; the first
    axis is one of them."""
    dout, xhat = promoted(dout, xhat)
    dgamma, dbeta = (
        None if p is None else np.zeros_like(dout, shape=p.shape) for p in (gamma, beta)
    )
    for some in blocks(len(dout), int(dout[:1].size * dout.itemsize)):
        if dgamma is not None:
            dgamma += np.sum(dout[some] * xhat[some], axis=axes)
        if dbeta is not None:
            dbeta += np.sum(dout[some], axis=axes)
    return dgamma, dbeta


def per_channel(p: Array | None, ndim: int) -> Array | None:
    """(C,) -> (1, C, 1, ...), so that it broadcasts against x of ndim dimensions."""
    return None if p is None else p.reshape(1, -1, *(1,) * (ndim - 2))
