"""Group normalization group by group, with gamma as a vector."""

import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Inputs:

    - x: Input data of shape (N, C, H, W)
    - gamma: Scale parameter, of shape (C,)
    - beta: Shift parameter, of shape (C,)
    - G: Integer number of groups to split into, should be a divisor of C
    """
    size = x.shape[1] // G
    xhat, std = np.empty_like(x), np.empty((len(x), G), x.dtype)
    for n in range(len(x)):
        for g in range(G):
            part = x[n, g * size : (g + 1) * size]
            std[n, g] = np.sqrt(part.var() + gn_param["eps"])
            xhat[n, g * size : (g + 1) * size] = (part - part.mean()) / std[n, g]
    out = gamma.reshape(1, -1, 1, 1) * xhat + beta.reshape(1, -1, 1, 1)
    return out, (xhat, std, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    xhat, std, gamma, G = cache
    size = dout.shape[1] // G
    dxhat, dx = dout * gamma.reshape(1, -1, 1, 1), np.empty_like(dout)
    for n in range(len(dout)):
        for g in range(G):
            at = (n, slice(g * size, (g + 1) * size))
            d, h = dxhat[at], xhat[at]
            dx[at] = (d - d.mean() - h * (d * h).mean()) / std[n, g]
    return dx, (dout * xhat).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))
