"""dropout that is given its mask; global_avg_pool and instance_norm."""

import numpy as np


def dropout(x, mask, p=0.5):
    return x * mask / (1 - p), (mask, p)


def dropout_backward(dout, cache):
    mask, p = cache
    return dout * mask / (1 - p)


def global_avg_pool(x):
    """x: (N, C, H, W) -> (N, C, 1, 1)."""
    return x.mean(axis=(2, 3), keepdims=True), x.shape


def global_avg_pool_backward(dout, shape):
    return np.broadcast_to(dout / (shape[2] * shape[3]), shape)


def instance_norm(x, gamma, beta, eps=1e-5):
    mean, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
    inv = 1 / np.sqrt(var + eps)
    xhat = (x - mean) * inv
    return xhat * gamma.reshape(-1, 1, 1) + beta.reshape(-1, 1, 1), (xhat, inv, gamma)


def instance_norm_backward(dout, cache):
    xhat, inv, gamma = cache
    d = dout * gamma.reshape(-1, 1, 1)
    inner = d.mean((2, 3), keepdims=True) + xhat * (d * xhat).mean((2, 3), keepdims=True)
    return (d - inner) * inv, (dout * xhat).sum((0, 2, 3)), dout.sum((0, 2, 3))
