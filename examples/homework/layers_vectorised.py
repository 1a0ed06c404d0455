"""The same homework without a loop over samples, channels or pixels."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# ------------------------------------------------------------------ affine and relu


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


# ------------------------------------------------------------------ losses


def softmax_loss(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_shares = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_shares)
    dx[rows, y] -= 1
    return -log_shares[rows, y].sum() / len(x), dx / len(x)


def svm_loss(x, y):
    rows = np.arange(len(x))
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    dx = (margins > 0).astype(x.dtype)
    dx[rows, y] = -dx.sum(axis=1)
    return margins.sum() / len(x), dx / len(x)


# ------------------------------------------------------------------ normalization


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], x.dtype))
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    mean, var = x.mean(axis=0), x.var(axis=0)
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return gamma * xhat + beta, (xhat, gamma, std)


def normalized_backward(dxhat, xhat, std, axis):
    through_mean = dxhat.mean(axis=axis, keepdims=True)
    through_std = (dxhat * xhat).mean(axis=axis, keepdims=True)
    return (dxhat - through_mean - xhat * through_std) / std


def batchnorm_backward(dout, cache):
    xhat, gamma, std = cache
    dx = normalized_backward(dout * gamma, xhat, std, 0)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward_alt(dout, cache):
    xhat, gamma, std = cache
    dgamma, dbeta = (dout * xhat).sum(axis=0), dout.sum(axis=0)
    return gamma / std * (dout - (dbeta + xhat * dgamma) / len(dout)), dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    xhat = (x - x.mean(axis=1, keepdims=True)) / std
    return gamma * xhat + beta, (xhat, gamma, std)


def layernorm_backward(dout, cache):
    xhat, gamma, std = cache
    dx = normalized_backward(dout * gamma, xhat, std, 1)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    n, c, h, w = x.shape
    out, cache = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, c), gamma, beta, bn_param)
    return out.reshape(n, h, w, c).transpose(0, 3, 1, 2), cache


def spatial_batchnorm_backward(dout, cache):
    n, c, h, w = dout.shape
    dx, dgamma, dbeta = batchnorm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, c), cache)
    return dx.reshape(n, h, w, c).transpose(0, 3, 1, 2), dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    groups = x.reshape(len(x), G, -1)
    std = np.sqrt(groups.var(axis=2, keepdims=True) + gn_param.get("eps", 1e-5))
    xhat = ((groups - groups.mean(axis=2, keepdims=True)) / std).reshape(x.shape)
    gamma4, beta4 = np.reshape(gamma, (1, -1, 1, 1)), np.reshape(beta, (1, -1, 1, 1))
    return gamma4 * xhat + beta4, (xhat, gamma, std, G)


def spatial_groupnorm_backward(dout, cache):
    xhat, gamma, std, G = cache
    shape = (len(dout), G, -1)
    dxhat = (dout * np.reshape(gamma, (1, -1, 1, 1))).reshape(shape)
    dx = normalized_backward(dxhat, xhat.reshape(shape), std, 2).reshape(dout.shape)
    dgamma, dbeta = (dout * xhat).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))
    return dx, dgamma.reshape(gamma.shape), dbeta.reshape(gamma.shape)


# ------------------------------------------------------------------ dropout


def dropout_forward(x, dropout_param):
    """p: we keep each number with probability p."""
    p, mask = dropout_param["p"], None
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    out = x
    if dropout_param["mode"] == "train":
        mask = ((np.random.rand(*x.shape) < p) / p).astype(x.dtype)
        out = x * mask
    return out, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout * mask if dropout_param["mode"] == "train" else dout


# ------------------------------------------------------------------ convolution and pooling


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    out = np.einsum("nchwij,fcij->nfhw", windows, w, optimize=True) + b[:, None, None]
    return out, (x, w, windows, conv_param)


def conv_backward_naive(dout, cache):
    x, w, windows, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    dw = np.einsum("nfhw,nchwij->fcij", dout, windows, optimize=True)
    dpadded = np.zeros((*x.shape[:2], x.shape[2] + 2 * p, x.shape[3] + 2 * p), x.dtype)
    height, width = dout.shape[2:]
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            part = np.einsum("nfhw,fc->nchw", dout, w[:, :, i, j])
            dpadded[:, :, i : i + s * height : s, j : j + s * width : s] += part
    dx = dpadded[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    return dx, dw, dout.sum(axis=(0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    size, s = (pool_param["pool_height"], pool_param["pool_width"]), pool_param["stride"]
    windows = sliding_window_view(x, size, axis=(2, 3))[:, :, ::s, ::s]
    flat = windows.reshape(*windows.shape[:4], -1)
    return flat.max(axis=-1), (x, flat.argmax(axis=-1), pool_param)


def max_pool_backward_naive(dout, cache):
    x, first, pool_param = cache
    s = pool_param["stride"]
    u, v = np.divmod(first, pool_param["pool_width"])
    n, c, i, j = np.indices(dout.shape, sparse=True)
    dx = np.zeros_like(x)
    np.add.at(dx, (n, c, i * s + u, j * s + v), dout)
    return dx
