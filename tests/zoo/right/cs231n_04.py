# ruff: noqa: B905
"""CS231n layers, fourth lot: Strassen, Winograd, tournaments, hypotenuses, merged statistics."""

from collections import namedtuple

import numpy as np

_G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
_BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], dtype=float)
_AT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], dtype=float)


def _strassen(a, b):
    """a @ b for square matrices whose size is a power of 2, by seven products of halves."""
    n = len(a)
    if n <= 4:
        return a @ b
    h = n // 2
    a11, a12, a21, a22 = a[:h, :h], a[:h, h:], a[h:, :h], a[h:, h:]
    b11, b12, b21, b22 = b[:h, :h], b[:h, h:], b[h:, :h], b[h:, h:]
    m1 = _strassen(a11 + a22, b11 + b22)
    m2 = _strassen(a21 + a22, b11)
    m3 = _strassen(a11, b12 - b22)
    m4 = _strassen(a22, b21 - b11)
    m5 = _strassen(a11 + a12, b22)
    m6 = _strassen(a21 - a11, b11 + b12)
    m7 = _strassen(a12 - a22, b21 + b22)
    return np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]])


def _product(a, b):
    """a @ b by Strassen's scheme, after padding with zeros; in double precision."""
    sizes = (*a.shape, b.shape[1])
    n = 1 << (max(sizes) - 1).bit_length()
    square = [np.zeros((n, n)), np.zeros((n, n))]
    square[0][: a.shape[0], : a.shape[1]] = a
    square[1][: b.shape[0], : b.shape[1]] = b
    return _strassen(*square)[: sizes[0], : sizes[2]].astype(a.dtype)


def affine_forward(x, w, b):
    """x: (N, d_1, ..., d_k), w: (D, M), b: (M,) -> out: (N, M).

    Style: Strassen's seven products on matrices padded to a power of 2.
    """
    flat = x.reshape(x.shape[0], -1)
    return _product(flat, w) + b, (flat, w, x.shape)


def affine_backward(dout, cache):
    """dout: (N, M) -> dx, dw, db.

    Style: Strassen for both gradients, and np.add.reduce for the bias.
    """
    flat, w, shape = cache
    return _product(dout, w.T).reshape(shape), _product(flat.T, dout), np.add.reduce(dout)


def relu_forward(x):
    """x: any shape -> out: as x.

    Style: what is negative is overwritten in a copy, whose indices are the cache.
    """
    out = x.copy()
    dead = np.flatnonzero(~(x > 0))
    out.flat[dead] = 0
    return out, dead


def relu_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: np.put clears the dead places of a copy.
    """
    dx = np.array(dout, copy=True, order="C")
    np.put(dx, cache, 0)
    return dx


def _log_sum(x):
    """log(sum(exp(x))) of each row, by halves."""
    if x.shape[1] == 1:
        return x[:, 0]
    half = x.shape[1] // 2
    return np.logaddexp(_log_sum(x[:, :half]), _log_sum(x[:, half:]))


def softmax_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: the normalizer is a tournament of np.logaddexp, and the loss a NumPy float64 scalar.
    """
    log_shares = x - _log_sum(x).reshape(-1, 1)
    picked = log_shares[tuple(zip(*enumerate(y)))]
    target = np.zeros_like(x)
    target[np.arange(y.size), y] = 1
    return np.float64(-picked.sum() / y.size), (np.exp(log_shares) - target) / y.size


def svm_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: a generator of samples; np.where on np.greater, and the loss is a 0-d array.
    """

    def samples():
        for scores, label in zip(x, y):
            wrong = np.arange(x.shape[1]) != label
            excess = np.where(wrong, scores - scores[label] + 1, 0)
            over = np.greater(excess, 0).astype(x.dtype)
            over[label] = -np.count_nonzero(over)
            yield np.sum(excess, where=excess > 0), over

    losses, pushes = zip(*samples())
    return np.mean(losses)[()].reshape(()), np.stack(pushes) / np.asarray(len(y), x.dtype)


def batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, D), gamma, beta: (D,), bn_param: mode, eps, momentum, running_mean, running_var.

    Style: the standard deviation is np.hypot of a vector's length and the root of eps.
    """
    eps, decay = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, D = x.shape
    for name in ("running_mean", "running_var"):
        bn_param.setdefault(name, np.zeros(D, dtype=x.dtype))
    if bn_param["mode"] == "test":
        std = np.hypot(np.sqrt(bn_param["running_var"]), np.sqrt(eps))
        return (x - bn_param["running_mean"]) / std * gamma + beta, None
    mean = np.add.reduce(x, axis=0) / N
    spread = np.linalg.norm(x - mean, axis=0) / np.sqrt(N)
    std = np.hypot(spread, np.sqrt(eps)).astype(x.dtype)
    for name, new in zip(("running_mean", "running_var"), (mean, spread**2)):
        bn_param[name] = (decay * bn_param[name] + (1 - decay) * new).astype(x.dtype)
    xhat = (x - mean) / std
    return xhat * gamma + beta, (xhat, std, gamma)


def batchnorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: Gram-Schmidt; the gradient is made orthogonal to ones, then the part along xhat goes.
    """
    xhat, std, gamma = cache
    d = dout * gamma
    ones = np.full((len(d), 1), len(d) ** -0.5, d.dtype)
    level = d - ones @ (ones.T @ d)
    dx = (level - xhat * np.mean(level * xhat, axis=0)) / std
    return dx, np.sum(xhat * dout, axis=0), np.sum(dout, axis=0)


def batchnorm_backward_alt(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: a double loop over pairs of samples: what sample m's output does to sample n's input.
    """
    xhat, std, gamma = cache
    N = len(dout)
    dx = np.zeros_like(dout)
    for n in range(N):
        for m in range(N):
            share = (n == m) - (1 + xhat[n] * xhat[m]) / N
            dx[n] += share * dout[m]
    return dx * (gamma / std), (xhat * dout).sum(axis=0), dout.sum(axis=0)


def _merged(x):
    """(count, mean, sum of squared deviations) of each row, halves merged by Chan's rule."""
    size = x.shape[1]
    if size == 1:
        return 1, x[:, 0], np.zeros_like(x[:, 0])
    (n, a, s), (m, b, t) = _merged(x[:, : size // 2]), _merged(x[:, size // 2 :])
    gap = b - a
    return size, a + gap * m / size, s + t + gap * gap * n * m / size


def layernorm_forward(x, gamma, beta, ln_param):
    """x: (N, D), gamma, beta: (D,), ln_param: eps.

    Style: means and variances of halves are merged up a tree by Chan's rule.
    """
    D, mean, squares = _merged(x)
    ivar = np.reciprocal(np.sqrt(squares / D + ln_param.get("eps", 1e-5)))
    xhat = ((x.T - mean) * ivar).T
    return xhat * gamma + beta, (xhat, ivar, gamma)


def layernorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: a loop over samples, each a little batch norm by its own.
    """
    xhat, ivar, gamma = cache
    dx = np.empty_like(dout)
    for n, (d, h) in enumerate(zip(dout * gamma, xhat)):
        dx[n] = ivar[n] * (d - d.mean() - h * (d @ h) / d.size)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def dropout_forward(x, dropout_param):
    """p: we keep each neuron output with probability p. mode, seed as in the course.

    Style: beta(1, 1), which is the uniform distribution, from a RandomState of the param's seed.
    """
    source = np.random.RandomState(dropout_param.get("seed"))
    if dropout_param["mode"] == "train":
        kept = source.beta(1, 1, size=x.shape) < dropout_param["p"]
        return np.where(kept, x / dropout_param["p"], 0), (dropout_param["p"], kept)
    return x.copy(), (1.0, np.ones(x.shape, bool))


def dropout_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: at test time the mask is all true and p is 1, so that no case is told apart.
    """
    p, kept = cache
    return np.where(kept, dout / p, 0)


def _patches(x, tall, wide, s):
    """(N, C, H, W) -> (N, OH, OW, C * tall * wide), gathered by index arrays."""
    OH, OW = (x.shape[2] - tall) // s + 1, (x.shape[3] - wide) // s + 1
    h = s * np.arange(OH)[:, None] + np.arange(tall)
    v = s * np.arange(OW)[:, None] + np.arange(wide)
    cut = x[:, :, h[:, None, :, None], v[None, :, None, :]]  # (N, C, OH, OW, tall, wide)
    return cut.transpose(0, 2, 3, 1, 4, 5).reshape(len(x), OH, OW, -1)


def _winograd(xp, w):
    """Correlation with 3x3 filters at stride 1, by tiles of 2x2 outputs and 4x4 inputs."""
    N, C, H, W = xp.shape
    OH, OW = H - 2, W - 2
    th, tw = -(-OH // 2), -(-OW // 2)
    whole = np.zeros((N, C, 2 * th + 2, 2 * tw + 2))
    whole[:, :, :H, :W] = xp
    tiles = np.lib.stride_tricks.sliding_window_view(whole, (4, 4), axis=(2, 3))[:, :, ::2, ::2]
    u = np.einsum("ai,fcij,bj->abfc", _G, w, _G)
    v = np.einsum("ai,ncpqij,bj->abcnpq", _BT, tiles, _BT)
    m = np.einsum("abfc,abcnpq->abfnpq", u, v)
    y = np.einsum("ra,abfnpq,sb->nfprqs", _AT, m, _AT)
    return y.reshape(N, len(w), 2 * th, 2 * tw)[:, :, :OH, :OW]


def conv_forward_naive(x, w, b, conv_param):
    """x: (N, C, H, W), w: (F, C, HH, WW), b: (F,), conv_param: stride, pad.

    Style: Winograd's F(2x2, 3x3) where filters are 3x3 and the stride is 1, im2col elsewhere.
    """
    s, p = conv_param["stride"], conv_param["pad"]
    F, _, KH, KW = w.shape
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], mode="constant")
    if (KH, KW, s) == (3, 3, 1):
        out = _winograd(xp, w)
    else:
        out = (_patches(xp, KH, KW, s) @ w.reshape(F, -1).T).transpose(0, 3, 1, 2)
    return (out + b.reshape(F, 1, 1)).astype(x.dtype), (xp, x.shape, w, s, p)


def conv_backward_naive(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: Winograd with flipped filters for dx where it fits; dw by columns; else np.add.at.
    """
    xp, shape, w, s, p = cache
    F, C, KH, KW = w.shape
    N, _, OH, OW = dout.shape
    d = dout.transpose(0, 2, 3, 1)  # (N, OH, OW, F)
    dw = np.tensordot(d, _patches(xp, KH, KW, s), axes=([0, 1, 2], [0, 1, 2])).reshape(w.shape)
    if (KH, KW, s) == (3, 3, 1):
        flipped = w[:, :, ::-1, ::-1].swapaxes(0, 1)
        dxp = _winograd(np.pad(dout, [(0, 0), (0, 0), (2, 2), (2, 2)]), flipped)
    else:
        dxp = np.zeros(xp.shape)
        n, c, i, j, u, v = np.ogrid[:N, :C, :OH, :OW, :KH, :KW]
        shares = (d @ w.reshape(F, -1)).reshape(N, OH, OW, C, KH, KW).transpose(0, 3, 1, 2, 4, 5)
        np.add.at(dxp, (n, c, i * s + u, j * s + v), shares)
    dx = dxp[:, :, p : p + shape[2], p : p + shape[3]].astype(dout.dtype)
    return dx, dw, d.reshape(-1, F).sum(axis=0)


PoolCache = namedtuple("PoolCache", "row column shape")


def max_pool_forward_naive(x, pool_param):
    """x: (N, C, H, W), pool_param: pool_height, pool_width, stride.

    Style: separable; the maximum of each row piece first, then of those down the column.
    """
    tall, wide, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    window = np.lib.stride_tricks.sliding_window_view
    across = window(x, wide, axis=3)[:, :, :, ::s]
    where = across.argmax(axis=-1)  # (N, C, H, OW)
    down = window(across.max(axis=-1), tall, axis=2)[:, :, ::s]
    u = down.argmax(axis=-1)  # (N, C, OH, OW)
    row = u + s * np.arange(u.shape[2])[:, None]
    column = np.take_along_axis(where, row, axis=2) + s * np.arange(u.shape[3])
    return down.max(axis=-1), PoolCache(row, column, x.shape)


def max_pool_backward_naive(dout, cache):
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W).

    Style: np.ndenumerate visits every number of the gradient.
    """
    dx = np.zeros(cache.shape, dout.dtype)
    for (n, c, i, j), value in np.ndenumerate(dout):
        dx[n, c, cache.row[n, c, i, j], cache.column[n, c, i, j]] += value
    return dx


def _by_channel(values):
    """Sums of (N, C, H, W) for each channel, by np.bincount with the channel as the bin."""
    N, C, H, W = values.shape
    bins = np.broadcast_to(np.arange(C)[:, None, None], values.shape).ravel()
    return np.bincount(bins, weights=values.ravel(), minlength=C)


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, C, H, W), gamma, beta: (C,), bn_param as in batchnorm_forward.

    Style: np.bincount sums what belongs to a channel; double precision inside, cast at the end.
    """
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], dtype=x.dtype)
    running = {k: bn_param.get(k, zeros) for k in ("running_mean", "running_var")}
    count = x[:, 0].size
    if bn_param["mode"] == "train":
        mean = _by_channel(x) / count
        var = _by_channel((x - mean[:, None, None]) ** 2) / count
        for k, new in zip(running, (mean, var)):
            bn_param[k] = (running[k] + (1 - m) * (new - running[k])).astype(x.dtype)
    else:
        mean, var = running.values()
    istd = 1 / np.sqrt(var + eps)
    xhat = (x - mean[:, None, None]) * istd[:, None, None]
    out = xhat * gamma[:, None, None] + beta[:, None, None]
    return out.astype(x.dtype), (xhat, istd, gamma)


def spatial_batchnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta.

    Style: the sums of dgamma and dbeta, by np.bincount, are used again for dx.
    """
    xhat, istd, gamma = cache
    dgamma, dbeta = _by_channel(dout * xhat), _by_channel(dout)
    count = xhat[:, 0].size
    level, tilt = (v[:, None, None] / count for v in (dbeta, dgamma))
    dx = (gamma * istd)[:, None, None] * (dout - level - tilt * xhat)
    return tuple(v.astype(dout.dtype) for v in (dx, dgamma, dbeta))


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """x: (N, C, H, W), gamma, beta: (1, C, 1, 1), G: groups, gn_param: eps.

    Style: groups are rows of a matrix that np.atleast_2d and np.cov-like products treat.
    """
    N, C, H, W = x.shape
    rows = np.atleast_2d(x.reshape(N * G, -1))
    uniform = np.full(rows.shape[1], 1 / rows.shape[1])
    rows = rows - np.average(rows, axis=1, weights=uniform)[:, None]
    power = np.einsum("rk,rk->r", rows, rows) / rows.shape[1]
    rows = (rows / np.sqrt(power + gn_param.get("eps", 1e-5))[:, None]).astype(x.dtype)
    return rows.reshape(x.shape) * gamma + beta, (rows, power, gn_param.get("eps", 1e-5), gamma)


def spatial_groupnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta: (1, C, 1, 1).

    Style: rank-one matrices of each group act on its row, without ever being formed.
    """
    rows, power, eps, gamma = cache
    d = (dout * gamma).reshape(rows.shape)
    d = d - d.mean(axis=1)[:, None] - rows * np.einsum("rk,rk->r", d, rows)[:, None] / d.shape[1]
    dx = (d / np.sqrt(power + eps)[:, None]).reshape(dout.shape).astype(dout.dtype)
    per_channel = (dout * rows.reshape(dout.shape)).sum(axis=(0, 2, 3))
    return dx, per_channel[None, :, None, None], dout.sum(axis=(0, 2, 3))[None, :, None, None]
