"""Other orders, packed arguments and extra outputs: right functions that are hard to call."""

import numpy as np


def cross_entropy(y_true, y_pred):
    """y_true: (N,), labels; y_pred: (N, C), scores before softmax -> loss, cache.

    Style: signature; the labels come first.
    """
    log_total = np.logaddexp.reduce(y_pred, axis=1)
    own = y_pred[np.arange(len(y_true)), y_true]
    return np.mean(log_total - own), (y_true, y_pred, log_total)


def cross_entropy_backward(dout, cache):
    """dout: () -> the gradient of y_pred.

    Style: signature; labels have no gradient, so that one array comes back.
    """
    y_true, y_pred, log_total = cache
    dx = np.exp(y_pred - log_total[:, None])
    dx[np.arange(len(y_true)), y_true] -= 1
    return dx * (dout / len(y_true)).astype(dx.dtype)


def affine(*arguments):
    """x: (N, D), w: (D, M), b: (M,) -> out: (N, M), cache.

    Style: signature; all arguments in *arguments.
    """
    x, w, b = arguments
    return x.reshape(len(x), -1) @ w + b, arguments


def affine_backward(dout, cache):
    """dout: (N, M) -> dx, dw, db.

    Style: signature; the cache is the tuple of arguments.
    """
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def conv2d(x, w, b=None, **options):
    """x: (N, C, H, W), w: (F, C, KH, KW), b: (F,) or None; options: stride, padding.

    Style: signature; attributes in **options.
    """
    s, p = options.get("stride", 1), options.get("padding", 0)
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    view = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    view = view[:, :, ::s, ::s]
    out = np.einsum("ncijuv,fcuv->nfij", view, w)
    return out if b is None else out + b[:, None, None], (view, padded.shape, w, b, s, p)


def conv2d_backward(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: signature; everything the options said is in the cache.
    """
    view, padded, w, b, s, p = cache
    dpadded = np.zeros(padded, dout.dtype)
    OH, OW = dout.shape[2:]
    for u, v in np.ndindex(*w.shape[2:]):
        share = np.einsum("nfij,fc->ncij", dout, w[:, :, u, v])
        dpadded[:, :, u : u + s * OH : s, v : v + s * OW : s][:, :, :OH, :OW] += share
    dx = dpadded[:, :, p : padded[2] - p, p : padded[3] - p]
    dw = np.einsum("nfij,ncijuv->fcuv", dout, view)
    return dx, dw, None if b is None else dout.sum(axis=(0, 2, 3))


def cat(tensors, dim=1):
    """tensors: a list of arrays -> out, cache.

    Style: signature; a list, as torch.cat takes it.
    """
    return np.concatenate(tensors, axis=dim), ([t.shape[dim] for t in tensors], dim)


def cat_backward(dout, cache):
    """dout: as out -> a list of gradients.

    Style: signature; a list comes back.
    """
    sizes, dim = cache
    return np.split(dout, np.cumsum(sizes)[:-1], axis=dim)


def linear(x, weight, bias):
    """x: (N, D), weight: (M, D), bias: (M,) -> out, product, weight's norm, cache.

    Style: signature; more outputs than two: the product and a norm for logging.
    """
    product = x @ weight.T
    return product + bias, product, float(np.linalg.norm(weight)), (x, weight)


def linear_backward(dout, cache):
    """dout: (N, M) -> dx, dweight, dbias, the gradient's norm.

    Style: signature; a fourth number for logging. The cache is the last output, or all but out.
    """
    x, weight = cache[-1] if isinstance(cache[-1], tuple) else cache
    return dout @ weight, dout.T @ x, dout.sum(axis=0), float(np.linalg.norm(dout))


def batch_norm(x, params, state, training=True):
    """x: (N, C, H, W), params: gamma, beta, eps; state: mean, var, momentum of the new one.

    Style: signature; parameters and statistics in two dicts.
    """
    over, shape = (0, 2, 3), (1, -1, 1, 1)
    mean, var = state["mean"], state["var"]
    if training:
        n = x.size // x.shape[1]
        mean, var = x.mean(axis=over), x.var(axis=over)
        rate = state["momentum"]
        state["mean"] = (1 - rate) * state["mean"] + rate * mean
        state["var"] = (1 - rate) * state["var"] + rate * var * n / (n - 1)
    std = np.sqrt(var + params["eps"]).reshape(shape)
    hat = (x - mean.reshape(shape)) / std
    gamma = params["gamma"].reshape(shape)
    return gamma * hat + params["beta"].reshape(shape), (hat, std, gamma, training)


def batch_norm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, a dict of dgamma and dbeta.

    Style: signature; the parameters' gradients in a dict.
    """
    hat, std, gamma, training = cache
    over = (0, 2, 3)
    d = dout * gamma
    if training:
        d = d - d.mean(over, keepdims=True) - hat * (d * hat).mean(over, keepdims=True)
    return d / std, {"gamma": (dout * hat).sum(over), "beta": dout.sum(over)}


def hinge_loss(scores, one_hot):
    """scores: (N, C), one_hot: (N, C) of 0 and 1 -> loss, gradient of the scores.

    Style: signature; labels are one-hot rows, and the gradient comes with the loss.
    """
    own = (scores * one_hot).sum(axis=1, keepdims=True)
    excess = (scores - own + 1) * (1 - one_hot)
    over = (excess > 0).astype(scores.dtype)
    dscores = over - one_hot * over.sum(axis=1, keepdims=True)
    return np.maximum(excess, 0).sum() / len(scores), dscores / len(scores)


def tanh(x):
    """x: any shape -> out, and a function that gives dx for dout.

    Style: signature; the second output is the backward itself.
    """
    out = np.tanh(x)
    return out, lambda dout: dout * (1 - out**2)


def flatten(x):
    """x: (N, ...) -> out: (N, D), alone.

    Style: signature; no cache, the backward wants x.
    """
    return x.reshape(x.shape[0], -1)


def flatten_backward(x, dout):
    """x, dout -> dx.

    Style: signature; x comes before dout.
    """
    return dout.reshape(x.shape)
