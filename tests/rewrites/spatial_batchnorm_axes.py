"""Spatial batch normalization over axes 0, 2 and 3, without a reshape."""

import numpy as np

AXES = (0, 2, 3)


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=AXES), x.var(axis=AXES)
        rm = bn_param.get("running_mean", np.zeros_like(mean))
        rv = bn_param.get("running_var", np.zeros_like(var))
        bn_param["running_mean"] = rm * momentum + mean * (1 - momentum)
        bn_param["running_var"] = rv * momentum + var * (1 - momentum)
    else:
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    std = np.sqrt(var + eps)[:, None, None]
    xhat = (x - mean[:, None, None]) / std
    return gamma[:, None, None] * xhat + beta[:, None, None], (xhat, std, gamma)


def spatial_batchnorm_backward(dout, cache):
    xhat, std, gamma = cache
    dgamma, dbeta = np.sum(dout * xhat, AXES), np.sum(dout, AXES)
    count = dout.size // dout.shape[1]
    mean_part = (dbeta / count)[:, None, None] + xhat * (dgamma / count)[:, None, None]
    return gamma[:, None, None] / std * (dout - mean_part), dgamma, dbeta
