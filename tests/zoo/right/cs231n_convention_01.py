"""CS231n layers that choose otherwise where a choice is legal: each is a convention, no failure."""

import numpy as np


def relu_forward(x):
    """x: any shape -> out: as x.

    Style: convention; the slope at the kink is 1, because the mask is x >= 0.
    """
    return np.maximum(0, x), x >= 0


def relu_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: convention; the gradient passes at x = 0.
    """
    return dout * cache


def affine_forward(x, w, b):
    """x: (N, d_1, ..., d_k), w: (D, M), b: (M,) -> out: (N, M).

    Style: no convention here; np.dot, as a neighbour for relu in the same part.
    """
    return np.dot(x.reshape(x.shape[0], -1), w) + b, (x, w, b)


def affine_backward(dout, cache):
    """dout: (N, M) -> dx, dw, db.

    Style: no convention here; np.dot with transposes.
    """
    x, w, _ = cache
    return (
        np.dot(dout, w.T).reshape(x.shape),
        np.dot(x.reshape(x.shape[0], -1).T, dout),
        np.sum(dout, axis=0),
    )


def svm_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: convention; a margin that is met exactly pushes, because the mask is >= 0.
    """
    rows = np.arange(len(y))
    excess = x - x[rows, y][:, None] + 1
    pushing = (excess >= 0).astype(x.dtype)
    excess[rows, y] = 0
    pushing[rows, y] = 0
    pushing[rows, y] = -pushing.sum(axis=1)
    return np.maximum(excess, 0).sum() / len(y), pushing / len(y)


def max_pool_forward_naive(x, pool_param):
    """x: (N, C, H, W), pool_param: pool_height, pool_width, stride.

    Style: convention; among equals the last one is the maximum.
    """
    tall, wide, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    view = np.lib.stride_tricks.sliding_window_view(x, (tall, wide), axis=(2, 3))
    view = view[:, :, ::s, ::s]
    flat = view.reshape(*view.shape[:4], -1)
    last = tall * wide - 1 - flat[..., ::-1].argmax(axis=-1)
    return flat.max(axis=-1), (last, x.shape, wide, s)


def max_pool_backward_naive(dout, cache):
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W).

    Style: convention; the gradient goes to the last maximum.
    """
    last, shape, wide, s = cache
    dx = np.zeros(shape, dout.dtype)
    n, c, i, j = np.indices(dout.shape)
    np.add.at(dx, (n, c, i * s + last // wide, j * s + last % wide), dout)
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, D), gamma, beta: (D,), bn_param: mode, eps, momentum, running_mean, running_var.

    Style: convention; the running variance is the unbiased one, as in torch.
    """
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * x.var(axis=0, ddof=1)
        bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    else:
        mean, var = running_mean, running_var
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    return gamma * xhat + beta, (xhat, std, gamma)


def batchnorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: no convention here; the short formula with means.
    """
    xhat, std, gamma = cache
    dxhat = dout * gamma
    dx = (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward_alt(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: no convention here; the same formula through dgamma and dbeta.
    """
    xhat, std, gamma = cache
    dgamma, dbeta = (dout * xhat).sum(axis=0), dout.sum(axis=0)
    return gamma / std * (dout - dbeta / len(dout) - xhat * dgamma / len(dout)), dgamma, dbeta


def dropout_forward(x, dropout_param):
    """Inverted dropout with dropout_param: p, mode, seed.

    Style: convention; p is the probability to be dropped, which only the code tells.
    """
    p = dropout_param["p"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "test":
        return x.copy(), (None, p)
    mask = (np.random.rand(*x.shape) > p).astype(x.dtype)
    return x * mask / (1 - p or 1), (mask, p)


def dropout_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: convention; p as in the forward.
    """
    mask, p = cache
    return dout.copy() if mask is None else dout * mask / (1 - p or 1)
