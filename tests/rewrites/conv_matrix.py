"""Convolution as one large matrix that maps a flat image to a flat output.

Max pooling by comparing shifted images, tap by tap.
"""

import numpy as np


def places(shape, w, s, p):
    _, c, h, wd = shape
    f, _, hh, ww = w.shape
    oh, ow = (h + 2 * p - hh) // s + 1, (wd + 2 * p - ww) // s + 1
    for i, j, u, v in np.ndindex(oh, ow, hh, ww):
        a, b = i * s + u - p, j * s + v - p
        if 0 <= a < h and 0 <= b < wd:
            rows = (np.arange(f) * oh + i) * ow + j
            columns = (np.arange(c) * h + a) * wd + b
            yield np.ix_(rows, columns), u, v


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    oh = (x.shape[2] + 2 * p - w.shape[2]) // s + 1
    ow = (x.shape[3] + 2 * p - w.shape[3]) // s + 1
    matrix = np.zeros((len(w) * oh * ow, x[0].size), x.dtype)
    for at, u, v in places(x.shape, w, s, p):
        matrix[at] = w[:, :, u, v]
    out = (x.reshape(len(x), -1) @ matrix.T).reshape(len(x), len(w), oh, ow)
    return out + b[:, None, None], (x, w, s, p, matrix)


def conv_backward_naive(dout, cache):
    x, w, s, p, matrix = cache
    flat = dout.reshape(len(dout), -1)
    dx = (flat @ matrix).reshape(x.shape)
    dmatrix = flat.T @ x.reshape(len(x), -1)
    dw = np.zeros_like(w)
    for at, u, v in places(x.shape, w, s, p):
        dw[:, :, u, v] += dmatrix[at]
    return dx, dw, dout.sum(axis=3).sum(axis=2).sum(axis=0)


def taps(x, pool_param):
    s = pool_param["stride"]
    oh = (x.shape[2] - pool_param["pool_height"]) // s + 1
    ow = (x.shape[3] - pool_param["pool_width"]) // s + 1
    for u in range(pool_param["pool_height"]):
        for v in range(pool_param["pool_width"]):
            yield x[:, :, u : u + s * oh : s, v : v + s * ow : s]


def max_pool_forward_naive(x, pool_param):
    out = None
    for tap in taps(x, pool_param):
        out = tap.copy() if out is None else np.maximum(out, tap)
    return out, (x, out, pool_param)


def max_pool_backward_naive(dout, cache):
    x, out, pool_param = cache
    dx, free = np.zeros_like(x), np.ones(out.shape, bool)
    for tap, dtap in zip(taps(x, pool_param), taps(dx, pool_param), strict=True):
        won = free & (tap == out)
        np.add(dtap, won * dout, out=dtap)
        free &= ~won
    return dx
