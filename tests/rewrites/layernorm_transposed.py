"""Layer normalization as batch normalization of the transpose."""

import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    xt = x.T
    mu = xt.mean(axis=0)
    std = np.sqrt(xt.var(axis=0) + eps)
    xhat = ((xt - mu) / std).T
    return gamma * xhat + beta, {"xhat": xhat, "std": std, "gamma": gamma}


def layernorm_backward(dout, cache):
    xhat, std = cache["xhat"].T, cache["std"]
    dxhat = (dout * cache["gamma"]).T
    D = dxhat.shape[0]
    dx = (D * dxhat - dxhat.sum(axis=0) - xhat * (dxhat * xhat).sum(axis=0)) / (D * std)
    return dx.T, np.sum(dout * cache["xhat"], axis=0), np.sum(dout, axis=0)
