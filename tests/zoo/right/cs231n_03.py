# ruff: noqa: B905, PLW2901
"""CS231n layers, third lot: masked arrays, closures for caches, float64 results, odd loops."""

import itertools
from functools import partial, reduce
from operator import add

import numpy as np

LOG2_E = 1.4426950408889634

_dot = np.vectorize(np.dot, signature="(d),(d)->()")


def affine_forward(x, w, b):
    """x: (N, d_1, ..., d_k), w: (D, M), b: (M,) -> out: (N, M).

    Style: np.vectorize makes a broadcasting dot product of rows and columns.
    """
    rows = x.reshape(x.shape[0], -1)
    out = _dot(rows[:, None, :], w.T[None, :, :]) + b
    return out, (x, w)


def affine_backward(dout, cache):
    """dout: (N, M) -> dx, dw, db.

    Style: outer products of each sample are added up by functools.reduce.
    """
    x, w = cache
    rows = x.reshape(x.shape[0], -1)
    dw = reduce(add, map(np.outer, rows, dout))
    dx = np.stack([(w * d).sum(axis=1) for d in dout]).reshape(x.shape)
    return dx, dw, reduce(add, dout)


def relu_forward(x):
    """x: any shape -> out: as x.

    Style: a masked array hides what is negative and is then filled with 0.
    """
    masked = np.ma.masked_less_equal(x, 0)
    return masked.filled(0), np.ma.getmaskarray(masked)


def relu_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: the same mask is put on the gradient, and a plain array comes out.
    """
    return np.ma.array(dout, mask=cache).filled(0)


def softmax_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: powers of 2 instead of exp, logarithms to base 2, and a loss without dimensions.
    """
    bits = (x - x.max(axis=1, keepdims=True)) * LOG2_E
    total = np.log2(np.exp2(bits).sum(axis=1, keepdims=True))
    own = np.take_along_axis(bits, y[:, None], axis=1)
    loss = np.asarray((total - own).mean() / LOG2_E)
    one_hot = (y[:, None] == np.arange(x.shape[1])).astype(x.dtype)
    return loss, (np.exp2(bits - total) - one_hot) / len(x)


def svm_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: the score of the true class is deleted from a table, and gets its gradient inserted.
    """
    N, C = x.shape
    others = np.array([np.delete(row, label) for row, label in zip(x, y)]).reshape(N, C - 1)
    true = np.array([row[label] for row, label in zip(x, y)]).reshape(N, 1)
    margins = np.maximum(0, others - true + 1)
    pushed = (margins > 0).astype(x.dtype) / N
    dx = np.array([np.insert(row, label, -row.sum()) for row, label in zip(pushed, y)])
    return margins.sum() / N, dx.astype(x.dtype)


def batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, D), gamma, beta: (D,), bn_param: mode, eps, momentum, running_mean, running_var.

    Style: the cache is a closure that knows everything and gives the gradients when called.
    """
    eps, keep = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    blank = partial(np.zeros, x.shape[1], dtype=x.dtype)
    old = {k: bn_param[k] if k in bn_param else blank() for k in ("running_mean", "running_var")}
    match bn_param["mode"]:
        case "test":
            std = np.sqrt(old["running_var"] + eps)
            return (x - old["running_mean"]) * gamma / std + beta, None
        case "train":
            mean = sum(x) / len(x)
            var = sum((row - mean) ** 2 for row in x) / len(x)
    for k, new in (("running_mean", mean), ("running_var", var)):
        bn_param[k] = keep * old[k] + (1 - keep) * new
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std

    def gradients(dout):
        dgamma, dbeta = sum(dout * xhat), sum(dout)
        return gamma / std * (dout - dbeta / len(x) - xhat * dgamma / len(x)), dgamma, dbeta

    return gamma * xhat + beta, gradients


def batchnorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: nothing but a call of the cache.
    """
    return cache(dout)


def batchnorm_backward_alt(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: the layer is affine in dout, so each sample's gradient is asked for alone and added.
    """
    dx, dgamma, dbeta = np.zeros_like(dout), np.zeros_like(dout[0]), np.zeros_like(dout[0])
    for n in range(len(dout)):
        alone = np.zeros_like(dout)
        alone[n] = dout[n]
        for total, part in zip((dx, dgamma, dbeta), cache(alone)):
            total += part
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    """x: (N, D), gamma, beta: (D,), ln_param: eps.

    Style: works on the transpose and returns arrays in Fortran order.
    """
    columns = np.asfortranarray(x).T  # (D, N)
    centered = columns - columns.mean(axis=0)
    std = np.sqrt((centered * centered).mean(axis=0) + ln_param.get("eps", 1e-5))
    hat = centered / std
    return (gamma[:, None] * hat + beta[:, None]).T, (hat, std, gamma[:, None])


def layernorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: on the transpose again; dx is a view whose strides run the other way.
    """
    hat, std, gamma = cache
    d = dout.T * gamma
    d = d - d.mean(axis=0) - hat * (d * hat).mean(axis=0)
    return (d / std).T, (dout.T * hat).sum(axis=1), dout.T.sum(axis=1)


def dropout_forward(x, dropout_param):
    """Inverted dropout: we drop each neuron output with probability p, and keep it with 1 - p.

    Style: np.random.uniform from 0 to 1, and a mask that already holds the scale.
    """
    p = dropout_param["p"]
    if (seed := dropout_param.get("seed")) is not None:
        np.random.seed(seed)
    if dropout_param["mode"] != "train":
        return np.array(x), (None, dropout_param)
    scale = 0.0 if p == 1 else 1.0 / (1.0 - p)
    mask = (np.random.uniform(0.0, 1.0, size=x.shape) >= p) * scale
    return (x * mask).astype(x.dtype), (mask.astype(x.dtype), dropout_param)


def dropout_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: np.multiply into an empty array.
    """
    mask, _ = cache
    dx = np.empty_like(dout)
    np.multiply(dout, 1 if mask is None else mask, out=dx)
    return dx


def conv_forward_naive(x, w, b, conv_param):
    """x: (N, C, H, W), w: (F, C, HH, WW), b: (F,), conv_param: stride, pad.

    Style: no padding is made; each tap knows which outputs it reaches; float64 by np.zeros.
    """
    s, p = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, KH, KW = w.shape
    out = np.zeros((N, F, (H + 2 * p - KH) // s + 1, (W + 2 * p - KW) // s + 1))
    taps = []
    for u, v in itertools.product(range(KH), range(KW)):
        rows = [i for i in range(out.shape[2]) if 0 <= i * s + u - p < H]
        columns = [j for j in range(out.shape[3]) if 0 <= j * s + v - p < W]
        if not rows or not columns:
            continue
        to = np.ix_(range(N), range(F), rows, columns)
        seen = x[:, :, [i * s + u - p for i in rows]][..., [j * s + v - p for j in columns]]
        out[to] += np.einsum("fc,ncij->nfij", w[:, :, u, v], seen)
        taps.append((u, v, rows, columns, seen))
    out += b[None, :, None, None]
    return out, (taps, x.shape, w, s, p)


def conv_backward_naive(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: the taps come back from the cache; all gradients are float64 by np.zeros.
    """
    taps, shape, w, s, p = cache
    dx, dw = np.zeros(shape), np.zeros(w.shape)
    for u, v, rows, columns, seen in taps:
        part = dout[:, :, rows][..., columns]
        dw[:, :, u, v] = np.einsum("nfij,ncij->fc", part, seen)
        back = np.einsum("fc,nfij->ncij", w[:, :, u, v], part)
        h, v = [i * s + u - p for i in rows], [j * s + v - p for j in columns]
        dx[np.ix_(range(shape[0]), range(shape[1]), h, v)] += back
    return dx, dw, dout.astype(float).sum(axis=(0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    """x: (N, C, H, W), pool_param: pool_height, pool_width, stride.

    Style: functools.reduce takes np.maximum over views, one for each place in the window.
    """
    tall, wide, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    OH, OW = (x.shape[2] - tall) // s + 1, (x.shape[3] - wide) // s + 1

    def seen(place):
        u, v = place
        return x[:, :, u : u + s * OH : s, v : v + s * OW : s][:, :, :OH, :OW]

    places = list(itertools.product(range(tall), range(wide)))
    return reduce(np.maximum, map(seen, places)), (x, places, seen, s)


def max_pool_backward_naive(dout, cache):
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W).

    Style: each window is claimed once, by the first place that holds its maximum.
    """
    x, places, seen, s = cache
    best = reduce(np.maximum, map(seen, places))
    free = np.ones(best.shape, bool)
    dx = np.zeros(x.shape)
    OH, OW = best.shape[2:]
    for u, v in places:
        won = free & (seen((u, v)) == best)
        dx[:, :, u : u + s * OH : s, v : v + s * OW : s][:, :, :OH, :OW] += won * dout
        free ^= won
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, C, H, W), gamma, beta: (C,), bn_param as in batchnorm_forward.

    Style: channels first as a matrix (C, N*H*W); the running arrays are changed in place.
    """
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, C, H, W = x.shape
    running_mean = bn_param.setdefault("running_mean", np.zeros(C, dtype=x.dtype))
    running_var = bn_param.setdefault("running_var", np.zeros(C, dtype=x.dtype))
    matrix = x.swapaxes(0, 1).reshape(C, -1)
    mean, var = running_mean, running_var
    if training := bn_param["mode"] == "train":
        mean, var = matrix.mean(axis=1), matrix.var(axis=1)
        running_mean *= m
        running_mean += (1 - m) * mean
        running_var *= m
        running_var += (1 - m) * var
    scale = gamma / np.sqrt(var + eps)
    centered = matrix - mean[:, None]
    out = (scale[:, None] * centered + beta[:, None]).reshape(C, N, H, W).swapaxes(0, 1)
    return out, (centered, var + eps, scale, training)


def spatial_batchnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta.

    Style: covariance of gradient and data over the variance, a regression's slope, is taken out.
    """
    centered, power, scale, _ = cache
    C = len(centered)
    d = dout.swapaxes(0, 1).reshape(C, -1)
    dbeta = d.sum(axis=1)
    covariance = (d * centered).mean(axis=1)
    dx = scale[:, None] * (d - d.mean(axis=1)[:, None] - (covariance / power)[:, None] * centered)
    dgamma = covariance * d.shape[1] / np.sqrt(power)
    N, _, H, W = dout.shape
    return dx.reshape(C, N, H, W).swapaxes(0, 1), dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """x: (N, C, H, W), gamma, beta: (1, C, 1, 1), G: groups, gn_param: eps.

    Style: the five-dimensional view with keepdims throughout, and np.std squared for the variance.
    """
    N, C, H, W = x.shape
    five = x.reshape(N, G, C // G, H, W)
    mean = five.mean(axis=(2, 3, 4), keepdims=True)
    std = five.std(axis=(2, 3, 4), keepdims=True)
    root = np.sqrt(np.square(std) + gn_param.get("eps", 1e-5))
    hat = (five - mean) / root
    g5, b5 = gamma.reshape(1, G, -1, 1, 1), beta.reshape(1, G, -1, 1, 1)
    return (hat * g5 + b5).reshape(x.shape), (hat, root, g5)


def spatial_groupnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta: (1, C, 1, 1).

    Style: the gradient of the variance and of the mean are formed first and handed down.
    """
    hat, root, g5 = cache
    N, C, H, W = dout.shape
    five = dout.reshape(hat.shape)
    axes = (2, 3, 4)
    size = hat[0, 0].size
    dhat = five * g5
    dvar = (dhat * hat).sum(axis=axes, keepdims=True) * -0.5 / root**2
    dmean = -(dhat / root).sum(axis=axes, keepdims=True)
    dx = dhat / root + dvar * 2 * hat * root / size + dmean / size
    dgamma = (five * hat).sum(axis=(0, 3, 4)).reshape(1, C, 1, 1)
    return dx.reshape(dout.shape), dgamma, five.sum(axis=(0, 3, 4)).reshape(1, C, 1, 1)
