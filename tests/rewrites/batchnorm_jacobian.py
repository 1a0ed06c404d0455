"""Batch normalization whose backward multiplies by the whole Jacobian of a column."""

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param["eps"], bn_param["momentum"]
    train = bn_param["mode"] == "train"
    mean = x.mean(0) if train else bn_param["running_mean"]
    var = x.var(0) if train else bn_param["running_var"]
    if train:
        for name, new in zip(("running_mean", "running_var"), (mean, var), strict=True):
            old = bn_param.get(name, 0 * new)
            bn_param[name] = momentum * old + (1 - momentum) * new
    inverse = (var + eps) ** -0.5
    xhat = (x - mean) * inverse
    return xhat * gamma + beta, (xhat, inverse, gamma)


def batchnorm_backward(dout, cache):
    xhat, inverse, gamma = cache
    count = len(dout)
    center = np.eye(count, dtype=dout.dtype) - np.full((count, count), 1 / count, dout.dtype)
    dx = np.empty_like(dout)
    for d in range(dout.shape[1]):
        jacobian = (center - np.outer(xhat[:, d], xhat[:, d]) / count) * inverse[d]
        dx[:, d] = jacobian @ (dout[:, d] * gamma[d])
    return dx, (dout * xhat).sum(0), dout.sum(0)


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)
