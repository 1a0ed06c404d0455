"""Batch normalization that works in place, on copies of its own."""

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, m = bn_param["eps"], bn_param["momentum"]
    if bn_param["mode"] == "test":
        out = x - bn_param["running_mean"]
        out /= np.sqrt(bn_param["running_var"] + eps)
        out *= gamma
        out += beta
        return out, ()
    xhat = x.copy()
    mean = xhat.mean(axis=0)
    xhat -= mean
    var = np.mean(np.square(xhat), axis=0)
    for name, new in (("running_mean", mean), ("running_var", var)):
        old = bn_param.setdefault(name, np.zeros_like(new))
        old *= m
        old += (1 - m) * new
    std = np.sqrt(var + eps)
    xhat /= std
    out = xhat.copy()
    out *= gamma
    out += beta
    return out, [xhat, std, gamma]


def batchnorm_backward(dout, cache):
    xhat, std, gamma = cache
    dx = dout.copy()
    dx *= gamma
    along = np.mean(dx * xhat, axis=0)
    dx -= dx.mean(axis=0)
    dx -= along * xhat
    dx /= std
    return dx, np.einsum("nd,nd->d", dout, xhat), dout.sum(axis=0)


batchnorm_backward_alt = batchnorm_backward
