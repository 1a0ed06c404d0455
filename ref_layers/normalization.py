"""What every normalization shares: subtract the mean, divide by the standard deviation."""

from __future__ import annotations

import numpy as np

from .op import Array

Axes = tuple[int, ...]


def statistics(x: Array, axes: Axes) -> tuple[Array, Array]:
    """Mean and biased variance over axes, which stay with size 1.

    Two passes: E[x^2] - E[x]^2 would lose all digits where the mean is large.
    """
    mean = np.mean(x, axis=axes, keepdims=True)
    centered = x - mean
    return mean, np.mean(centered * centered, axis=axes, keepdims=True)


def inverse_std(variance: Array, eps: float) -> Array:
    """1 / sqrt(variance + eps)."""
    inverse: Array = 1 / np.sqrt(variance + eps)
    return inverse


def normalize_backward(dxhat: Array, xhat: Array, inv_std: Array, axes: Axes) -> Array:
    """The gradient of xhat = (x - mean(x)) / std(x) with respect to x.

    The two means are the paths through mean(x) and std(x).
    Source: Ioffe and Szegedy, Batch Normalization, 2015, section 3, simplified.
    """
    through_mean = np.mean(dxhat, axis=axes, keepdims=True)
    through_std = np.mean(dxhat * xhat, axis=axes, keepdims=True)
    dx: Array = inv_std * (dxhat - through_mean - xhat * through_std)
    return dx


def scale_shift(xhat: Array, gamma: Array | None, beta: Array | None) -> Array:
    """gamma * xhat + beta for parameters that broadcast against xhat; None leaves one out."""
    scaled = xhat if gamma is None else gamma * xhat
    return scaled if beta is None else scaled + beta


def scale_shift_backward(
    dout: Array, xhat: Array, gamma: Array | None, beta: Array | None, axes: Axes
) -> tuple[Array | None, Array | None]:
    """dgamma and dbeta of scale_shift, summed over the axes along which they broadcast."""
    dgamma = None if gamma is None else np.sum(dout * xhat, axis=axes)
    dbeta = None if beta is None else np.sum(dout, axis=axes)
    return dgamma, dbeta


def per_channel(p: Array | None, ndim: int) -> Array | None:
    """(C,) -> (1, C, 1, ...), so that it broadcasts against x of ndim dimensions."""
    return None if p is None else p.reshape(1, -1, *(1,) * (ndim - 2))
