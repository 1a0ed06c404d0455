"""Group normalization as in 2018: the docstring says (C,), the notebook gives (1, C, 1, 1)."""

import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """
    - gamma: Scale parameter, of shape (C,)
    - beta: Shift parameter, of shape (C,)
    """
    eps = gn_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    assert gamma.shape == (1, C, 1, 1)
    x = np.reshape(x, (N, G, C // G, H, W))
    mean = np.mean(x, axis=(2, 3, 4), keepdims=True)
    var = np.var(x, axis=(2, 3, 4), keepdims=True)
    xhat = ((x - mean) / np.sqrt(var + eps)).reshape(N, C, H, W)
    return xhat * gamma + beta, (G, xhat, gamma, var, eps)


def spatial_groupnorm_backward(dout, cache):
    G, xhat, gamma, var, eps = cache
    N, C, H, W = dout.shape
    dbeta = np.sum(dout, axis=(0, 2, 3), keepdims=True)
    dgamma = np.sum(dout * xhat, axis=(0, 2, 3), keepdims=True)
    split = (N, G, C // G, H, W)
    d, h = (dout * gamma).reshape(split), xhat.reshape(split)
    axes, count = (2, 3, 4), C // G * H * W
    sums = d.sum(axes, keepdims=True), (d * h).sum(axes, keepdims=True)
    dx = (count * d - sums[0] - h * sums[1]) / (count * np.sqrt(var + eps))
    return dx.reshape(N, C, H, W), dgamma, dbeta
