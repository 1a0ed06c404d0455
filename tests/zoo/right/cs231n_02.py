# ruff: noqa: B905, C408
"""CS231n layers, second lot: matrices of whole operations, stride tricks, counted sums."""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided


def affine_forward(x, w, b):
    """x: (N, d_1, ..., d_k), w: (D, M), b: (M,) -> out: (N, M).

    Style: homogeneous coordinates, a column of ones beside x and the bias as last row of w.
    """
    rows = np.hstack([x.reshape(len(x), -1), np.ones((len(x), 1), x.dtype)])
    matrix = np.vstack([w, b])
    return rows @ matrix, (rows, matrix, x.shape)


def affine_backward(dout, cache):
    """dout: (N, M) -> dx, dw, db.

    Style: one product holds dw and db together, another dx and a column that is thrown away.
    """
    rows, matrix, shape = cache
    dmatrix = rows.T @ dout
    drows = dout @ matrix.T
    return drows[:, :-1].reshape(shape), dmatrix[:-1], dmatrix[-1]


def relu_forward(x):
    """x: any shape -> out: as x.

    Style: np.clip with an open end, and the mask is kept as packed bits.
    """
    return np.clip(x, 0, None), (np.packbits(x > 0), x.shape)


def relu_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: the bits are unpacked and select the gradient by np.select.
    """
    bits, shape = cache
    on = np.unpackbits(bits, count=math.prod(shape)).reshape(shape).astype(bool)
    return np.select([on], [dout], default=0)


def softmax_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: log-sum-exp by np.logaddexp.reduce of the differences to the true class.
    """
    N, C = x.shape
    own = x[range(N), y][:, None]
    surprise = np.logaddexp.reduce(x - own, axis=1)
    dx = np.exp(x - own - surprise[:, None]) - np.eye(C, dtype=x.dtype)[y]
    return surprise.sum() / N, dx / N


def svm_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: nested loops over Python numbers with Kahan's compensated summation of the loss.
    """
    dx = np.zeros_like(x)
    total, lost = 0.0, 0.0
    for n, (scores, label) in enumerate(zip(x.tolist(), y.tolist())):
        for c, score in enumerate(scores):
            if c == label:
                continue
            excess = score - scores[label] + 1.0
            if excess > 0:
                term = excess - lost
                grown = total + term
                lost = (grown - total) - term
                total = grown
                dx[n, c] += 1.0 / len(y)
                dx[n, label] -= 1.0 / len(y)
    return total / len(y), dx


def batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, D), gamma, beta: (D,), bn_param: mode, eps, momentum, running_mean, running_var.

    Style: the centering matrix I - 1/N is multiplied with x, as textbooks on statistics do.
    """
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, D = x.shape
    old_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    old_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    if bn_param["mode"] == "train":
        origin = x[0]  # a shift loses nothing: what follows does not depend on it
        centering = np.identity(N, x.dtype) - np.full((N, N), 1 / N, x.dtype)
        centered = centering @ (x - origin)
        covariance = np.einsum("nd,nd->d", centered, centered) / N
        root = (covariance + eps) ** 0.5
        mean = origin + np.full(N, 1 / N, x.dtype) @ (x - origin)
        bn_param["running_mean"] = momentum * old_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * old_var + (1 - momentum) * covariance
        out = centered @ np.diag(gamma / root) + beta
        return out, (centering, centered / root, root, gamma)
    slope = gamma / np.sqrt(old_var + eps)
    return (x - old_mean) * slope + beta, (None, None, None, gamma)


def batchnorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: the projection off the normalized column, then the centering matrix, then the scale.
    """
    centering, xhat, root, gamma = cache
    N = len(xhat)
    dgamma = np.diagonal(dout.T @ xhat)
    dbeta = np.ones(N, dout.dtype) @ dout
    off = dout - xhat * (dgamma / N)
    return centering @ off @ np.diag(gamma / root), dgamma.copy(), dbeta


def batchnorm_backward_alt(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: the one-line formula with N in front, as solutions on the web have it.
    """
    _, xhat, root, gamma = cache
    N = dout.shape[0]
    dbeta, dgamma = np.sum(dout, axis=0), np.sum(dout * xhat, axis=0)
    return (1.0 / N) * gamma / root * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    """x: (N, D), gamma, beta: (D,), ln_param: eps.

    Style: E[x^2] - E[x]^2 in double precision whatever comes in, and cast back at the end.
    """
    wide = x.astype(np.float64)
    mean = wide.mean(axis=1, keepdims=True)
    var = (wide * wide).mean(axis=1, keepdims=True) - mean * mean
    inv = 1.0 / np.sqrt(np.maximum(var, 0) + ln_param.get("eps", 1e-5))
    xhat = (wide - mean) * inv
    return (gamma * xhat + beta).astype(x.dtype), (xhat, inv, gamma, x.dtype)


def layernorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: works in place on arrays of its own, in double precision.
    """
    xhat, inv, gamma, dtype = cache
    dx = dout.astype(np.float64)
    dgamma, dbeta = (dx * xhat).sum(axis=0), dx.sum(axis=0)
    dx *= gamma
    tilt = (dx * xhat).mean(axis=1, keepdims=True)
    dx -= dx.mean(axis=1, keepdims=True)
    dx -= xhat * tilt
    dx *= inv
    return dx.astype(dtype), dgamma.astype(dtype), dbeta.astype(dtype)


def dropout_forward(x, dropout_param):
    """p: the probability to keep a unit; the kept ones are scaled by 1 / p. mode, seed.

    Style: np.random.binomial gives a mask of 8-bit integers; the scale is a factor of its own.
    """
    p, mode = dropout_param["p"], dropout_param["mode"]
    np.random.seed(dropout_param.get("seed"))
    if mode == "train":
        coins = np.random.binomial(1, p, size=x.shape).astype(np.int8)
        scale = x.dtype.type(1 / p if p else 0)
        return x * coins * scale, (coins, scale)
    return +x, None


def dropout_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: a cache of None says that nothing was dropped.
    """
    if cache is None:
        return +dout
    coins, scale = cache
    return coins * (scale * dout)


def conv_forward_naive(x, w, b, conv_param):
    """x: (N, C, H, W), w: (F, C, HH, WW), b: (F,), conv_param: stride, pad.

    Style: as_strided windows and tensordot; what is returned is a transposed, scattered view.
    """
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, KH, KW = w.shape
    xp = np.zeros((N, C, H + 2 * p, W + 2 * p), x.dtype)
    xp[:, :, p : p + H, p : p + W] = x
    OH, OW = (H + 2 * p - KH) // s + 1, (W + 2 * p - KW) // s + 1
    a, c, h, v = xp.strides
    windows = as_strided(xp, (N, C, KH, KW, OH, OW), (a, c, h, v, s * h, s * v), writeable=False)
    out = np.moveaxis(np.tensordot(w, windows, axes=([1, 2, 3], [1, 2, 3])), 0, 1)
    return out + b.reshape(1, F, 1, 1), dict(windows=windows, w=w, s=s, p=p, padded=xp.shape)


def conv_backward_naive(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: dw by tensordot with the windows; dx by writing through a strided view, tap by tap.
    """
    windows, w, s, p = cache["windows"], cache["w"], cache["s"], cache["p"]
    _, _, KH, KW, OH, OW = windows.shape
    dw = np.tensordot(dout, windows, axes=([0, 2, 3], [0, 4, 5]))
    dxp = np.zeros(cache["padded"], dout.dtype)
    shares = np.tensordot(w, dout, axes=([0], [1]))  # (C, KH, KW, N, OH, OW)
    for u, v in np.ndindex(KH, KW):
        corner = dxp[:, :, u:, v:]
        target = as_strided(
            corner,
            (*dxp.shape[:2], OH, OW),
            (*dxp.strides[:2], s * dxp.strides[2], s * dxp.strides[3]),
        )
        target += np.swapaxes(shares[:, u, v], 0, 1)
    inside = slice(p, -p or None)
    return dxp[:, :, inside, inside], dw, np.einsum("nfij->f", dout)


def max_pool_forward_naive(x, pool_param):
    """x: (N, C, H, W), pool_param: pool_height, pool_width, stride.

    Style: np.partition brings the largest value of each window to its end.
    """
    PH, PW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    views = np.lib.stride_tricks.sliding_window_view(x, (PH, PW), axis=(2, 3))[:, :, ::S, ::S]
    flat = views.reshape(*views.shape[:4], PH * PW)
    out = np.partition(flat, PH * PW - 1, axis=-1)[..., -1]
    first = (flat == out[..., None]).argmax(axis=-1)
    return out, (first, x.shape, PW, S)


def max_pool_backward_naive(dout, cache):
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W).

    Style: np.add.at with open index grids, so that overlapping windows add up.
    """
    first, shape, PW, S = cache
    N, C, OH, OW = dout.shape
    dx = np.zeros(shape, dout.dtype)
    n, c, i, j = np.ogrid[:N, :C, :OH, :OW]
    np.add.at(dx, (n, c, i * S + first // PW, j * S + first % PW), dout)
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, C, H, W), gamma, beta: (C,), bn_param as in batchnorm_forward.

    Style: einsum for every sum, broadcasting by None, and the running ones by np.average.
    """
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, C, H, W = x.shape
    kept = [bn_param.get(k, np.zeros(C, dtype=x.dtype)) for k in ("running_mean", "running_var")]
    if bn_param["mode"] == "train":
        mu = np.einsum("nchw->c", x) / (N * H * W)
        d = x - mu[:, None, None]
        var = np.einsum("nchw,nchw->c", d, d) / (N * H * W)
        for k, old, new in zip(("running_mean", "running_var"), kept, (mu, var)):
            bn_param[k] = np.average([old, new], axis=0, weights=[m, 1 - m])
    else:
        mu, var = kept
        d = x - mu[:, None, None]
    rstd = (var + eps) ** -0.5
    out = np.einsum("nchw,c,c->nchw", d, rstd, gamma) + beta[:, None, None]
    return out, (d, rstd, gamma)


def spatial_batchnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta.

    Style: einsum again; the three paths to dx are three terms, each scaled by itself.
    """
    d, rstd, gamma = cache
    count = d.size // d.shape[1]
    dbeta = np.einsum("nchw->c", dout)
    along = np.einsum("nchw,nchw->c", dout, d)
    straight = np.einsum("nchw,c->nchw", dout, gamma * rstd)
    through_var = np.einsum("nchw,c->nchw", d, gamma * rstd**3 * along / count)
    through_mean = (gamma * rstd * dbeta / count)[:, None, None]
    return straight - through_var - through_mean, along * rstd, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """x: (N, C, H, W), gamma, beta: (1, C, 1, 1), G: groups, gn_param: eps.

    Style: np.add.reduceat sums neighbouring channels, np.repeat hands the sums back to them.
    """
    N, C, H, W = x.shape
    starts, size = np.arange(0, C, C // G), C // G

    def shared(per_channel):
        sums = np.add.reduceat(per_channel, starts, axis=1) / (size * H * W)
        return np.repeat(sums, size, axis=1)[:, :, None, None]

    centered = x - shared(x.sum(axis=(2, 3)))
    std = np.sqrt(shared((centered * centered).sum(axis=(2, 3))) + gn_param.get("eps", 1e-5))
    xhat = centered / std
    return gamma * xhat + beta, (xhat, std, gamma, shared)


def spatial_groupnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta: (1, C, 1, 1).

    Style: the cache holds the function that averages over groups.
    """
    xhat, std, gamma, shared = cache
    d = dout * gamma
    level, tilt = shared(d.sum(axis=(2, 3))), shared((d * xhat).sum(axis=(2, 3)))
    dgamma = (dout * xhat).sum(axis=(0, 2, 3)).reshape(gamma.shape)
    return (d - level - xhat * tilt) / std, dgamma, dout.sum(axis=(0, 2, 3)).reshape(gamma.shape)
