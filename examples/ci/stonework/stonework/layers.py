"""Layers in NumPy: `out, cache = affine(x, w, b)`, `dx, dw, db = affine_backward(dout, cache)`."""

import numpy as np


def affine(x, w, b=None):
    """x: (N, ...) · w: (D, M) · b: (M,) -> out: (N, M)."""
    rows = x.reshape(len(x), -1)
    out = rows @ w
    return (out if b is None else out + b), (x, w, b)


def affine_backward(dout, cache):
    """dout: (N, M) -> dx, dw, db."""
    x, w, b = cache
    rows = x.reshape(len(x), -1)
    dw = rows.T @ dout
    return (dout @ w.T).reshape(x.shape), dw, None if b is None else dout.sum(axis=0)


def leaky_relu(x, negative_slope=0.01):
    """x: any shape -> out: as x."""
    return np.where(x > 0, x, x * x.dtype.type(negative_slope)), (x, negative_slope)


def leaky_relu_backward(dout, cache):
    """dout: as x -> dx."""
    x, negative_slope = cache
    return np.where(x > 0, dout, dout * x.dtype.type(negative_slope))


def layer_norm(x, gamma=None, beta=None, normalized_dims=1, eps=1e-5):
    """x: (N, ...) normalized over its last axes; the variance by one pass, which is fast."""
    axes = tuple(range(x.ndim - normalized_dims, x.ndim))
    mean = x.mean(axes, keepdims=True)
    var = (x * x).mean(axes, keepdims=True) - mean * mean
    inv = 1 / np.sqrt(np.maximum(var, 0) + x.dtype.type(eps))
    xhat = (x - mean) * inv
    out = xhat if gamma is None else xhat * gamma
    return (out if beta is None else out + beta), (xhat, inv, gamma, beta, axes)


def layer_norm_backward(dout, cache):
    """dout: as x -> dx, dgamma, dbeta."""
    xhat, inv, gamma, beta, axes = cache
    rows = tuple(range(axes[0]))
    g = dout if gamma is None else dout * gamma
    dx = g - g.mean(axes, keepdims=True) - xhat * (g * xhat).mean(axes, keepdims=True)
    dgamma = None if gamma is None else (dout * xhat).sum(axis=rows)
    return dx * inv, dgamma, None if beta is None else dout.sum(axis=rows)
