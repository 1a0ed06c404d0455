# ruff: noqa: B905
"""CS231n layers, fifth lot: plain Python lists, records, matrices, and a mask that is counted."""

from operator import mul

import numpy as np


def affine_forward(x, w, b):
    """x: (N, d_1, ..., d_k), w: (D, M), b: (M,) -> out: (N, M).

    Style: lists of Python floats, sum, map and operator.mul; an array only at the end.
    """
    rows, columns = x.reshape(len(x), -1).tolist(), w.T.tolist()
    out = [
        [sum(map(mul, row, column)) + bias for column, bias in zip(columns, b.tolist())]
        for row in rows
    ]
    return np.array(out, dtype=x.dtype), (rows, columns, x.shape)


def affine_backward(dout, cache):
    """dout: (N, M) -> dx, dw, db.

    Style: zip(*lists) transposes; NumPy allocates and nothing else.
    """
    rows, columns, shape = cache
    d = dout.tolist()
    dx = [[sum(map(mul, one, weights)) for weights in zip(*columns)] for one in d]
    dw = [[sum(map(mul, feature, one)) for one in zip(*d)] for feature in zip(*rows)]
    db = [sum(one) for one in zip(*d)]
    return (
        np.array(dx, dout.dtype).reshape(shape),
        np.array(dw, dout.dtype),
        np.array(db, dout.dtype),
    )


def relu_forward(x):
    """x: any shape -> out: as x.

    Style: np.fromiter over a generator of conditional expressions.
    """
    numbers = (v if v > 0 else 0.0 for v in x.flat)
    return np.fromiter(numbers, x.dtype, count=x.size).reshape(x.shape), x


def relu_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: np.nditer walks over gradient and input together.
    """
    dx = np.empty(dout.shape, dout.dtype)
    with np.nditer([dout, cache, dx], [], [["readonly"], ["readonly"], ["writeonly"]]) as places:
        for d, v, target in places:
            target[...] = d if v > 0 else 0
    return dx


def softmax_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: chain rule with whole Jacobians: of the mean, of the pick, of log softmax.
    """
    N, C = x.shape
    logs = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    pick = np.zeros((N, N, C), x.dtype)
    pick[np.arange(N), np.arange(N), y] = -1  # d losses / d logs
    losses = np.einsum("mnc,nc->m", pick, logs)
    jacobian = np.eye(C, dtype=x.dtype) - np.exp(logs)[:, None, :]  # d logs / d x, (N, C, C)
    dx = np.einsum("m,mnc,ncd->nd", np.full(N, 1 / N, x.dtype), pick, jacobian)
    return losses.mean(), dx


def svm_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: a record array of violations, grouped by sample with np.unique.
    """
    kind = [("sample", int), ("label", int), ("other", int), ("excess", x.dtype)]
    found = [
        (n, y[n], c, x[n, c] - x[n, y[n]] + 1)
        for n, c in np.ndindex(*x.shape)
        if c != y[n] and x[n, c] - x[n, y[n]] + 1 > 0
    ]
    records = np.array(found, dtype=kind)
    dx = np.zeros_like(x)
    dx[records["sample"], records["other"]] = 1 / len(y)
    samples, counts = np.unique(records["sample"], return_counts=True)
    dx[samples, y[samples]] = -counts / len(y)
    return float(records["excess"].sum()) / len(y), dx


def layernorm_forward(x, gamma, beta, ln_param):
    """x: (N, D), gamma, beta: (D,), ln_param: eps.

    Style: np.matrix; products with a column of ones, and its .A at the end.
    """
    X = np.asmatrix(x)
    D = X.shape[1]
    ones = np.asmatrix(np.ones((D, 1), x.dtype))
    centered = X - (X * ones / D) * ones.T
    power = np.multiply(centered, centered) * ones / D
    inverse = np.power(power + ln_param.get("eps", 1e-5), -0.5)
    hat = np.multiply(centered, inverse)
    out = hat * np.asmatrix(np.diag(gamma)) + np.asmatrix(beta)
    return out.A, (hat, inverse, gamma)


def layernorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: np.matrix again, and .A1 for vectors.
    """
    hat, inverse, gamma = cache
    G = np.asmatrix(dout)
    D = G.shape[1]
    ones = np.asmatrix(np.ones((D, 1), dout.dtype))
    scaled = G * np.asmatrix(np.diag(gamma))
    level, tilt = scaled * ones / D, np.multiply(scaled, hat) * ones / D
    dx = np.multiply(scaled - level * ones.T - np.multiply(hat, tilt), inverse)
    return dx.A, np.multiply(G, hat).sum(axis=0).A1, G.sum(axis=0).A1


def dropout_forward(x, dropout_param):
    """p: We keep each neuron output with probability p. mode, seed.

    Style: a permutation of a mask with a counted number of ones; their number never varies.
    """
    p, seed = dropout_param["p"], dropout_param.get("seed")
    if dropout_param["mode"] == "test":
        return x.copy(), (None, p)
    if seed is not None:
        np.random.seed(seed)
    mask = np.zeros(x.size, dtype=bool)
    mask[: round(p * x.size)] = True
    mask = np.random.permutation(mask).reshape(x.shape)
    return np.where(mask, x, 0) / x.dtype.type(p or 1), (mask, p)


def dropout_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: the mask chooses, and a division by p follows.
    """
    mask, p = cache
    if mask is None:
        return dout.copy()
    return np.where(mask, dout, 0) / dout.dtype.type(p or 1)


def conv_forward_naive(x, w, b, conv_param):
    """x: (N, C, H, W), w: (F, C, HH, WW), b: (F,), conv_param: stride, pad.

    Style: seven loops over Python lists, and a test for the border instead of padding.
    """
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, KH, KW = w.shape
    pixels, bank = x.tolist(), w.tolist()
    out = np.zeros((N, F, (H + 2 * p - KH) // s + 1, (W + 2 * p - KW) // s + 1), x.dtype)
    for n, f, i, j in np.ndindex(*out.shape):
        total = float(b[f])
        for c in range(C):
            for u in range(KH):
                if 0 <= (h := i * s + u - p) < H:
                    for v in range(KW):
                        if 0 <= (k := j * s + v - p) < W:
                            total += pixels[n][c][h][k] * bank[f][c][u][v]
        out[n, f, i, j] = total
    return out, (x, w, conv_param)


def conv_backward_naive(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: each pixel asks which outputs saw it, by remainders of the stride.
    """
    x, w, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    KH, KW = w.shape[2:]
    dx, dw = np.zeros(x.shape, x.dtype), np.zeros(w.shape, w.dtype)
    for h, k, u, v in np.ndindex(H, W, KH, KW):
        (i, rest), (j, remainder) = divmod(h + p - u, s), divmod(k + p - v, s)
        if rest or remainder or not (0 <= i < dout.shape[2] and 0 <= j < dout.shape[3]):
            continue
        dx[:, :, h, k] += dout[:, :, i, j] @ w[:, :, u, v]
        dw[:, :, u, v] += dout[:, :, i, j].T @ x[:, :, h, k]
    return dx, dw, dout.sum(axis=-1).sum(axis=-1).sum(axis=0)


def max_pool_forward_naive(x, pool_param):
    """x: (N, C, H, W), pool_param: pool_height, pool_width, stride.

    Style: Python's max over places with a key; of equals, max gives the first.
    """
    tall, wide = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - tall) // s + 1, (W - wide) // s + 1), x.dtype)
    winners = {}
    for n, c, i, j in np.ndindex(*out.shape):
        places = [(h, v) for h in range(i * s, i * s + tall) for v in range(j * s, j * s + wide)]
        winners[n, c, i, j] = max(places, key=x[n, c].__getitem__)
        out[n, c, i, j] = x[n, c][winners[n, c, i, j]]
    return out, (winners, x.shape)


def max_pool_backward_naive(dout, cache):
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W).

    Style: a dict from windows to places is walked through.
    """
    winners, shape = cache
    dx = np.zeros(shape, dout.dtype)
    for (n, c, i, j), (h, v) in winners.items():
        dx[n, c, h, v] += dout[n, c, i, j]
    return dx
