"""Convolution as one tensordot for each output pixel.

Max pooling that keeps one flat index a window and scatters with bincount.
"""

import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    n, _, h, wd = x.shape
    f, _, hh, ww = w.shape
    xp = np.zeros((n, x.shape[1], h + 2 * p, wd + 2 * p), x.dtype)
    xp[:, :, p : h + p, p : wd + p] = x
    oh, ow = 1 + (h + 2 * p - hh) // s, 1 + (wd + 2 * p - ww) // s
    out = np.empty((n, f, oh, ow), x.dtype)
    for i in range(oh):
        for j in range(ow):
            patch = xp[:, :, i * s : i * s + hh, j * s : j * s + ww]
            out[:, :, i, j] = np.tensordot(patch, w, ((1, 2, 3), (1, 2, 3))) + b
    return out, (xp, x.shape, w, s, p)


def conv_backward_naive(dout, cache):
    xp, shape, w, s, p = cache
    hh, ww = w.shape[2:]
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            at = (slice(None), slice(None), slice(i * s, i * s + hh), slice(j * s, j * s + ww))
            dw += np.tensordot(dout[:, :, i, j], xp[at], (0, 0))
            dxp[at] += np.tensordot(dout[:, :, i, j], w, (1, 0))
    return dxp[:, :, p : p + shape[2], p : p + shape[3]], dw, dout.sum((0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.full((N, C, (H - ph) // s + 1, (W - pw) // s + 1), -np.inf)
    where = np.zeros(out.shape, dtype=int)
    number = np.arange(x.size).reshape(x.shape)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            at = (slice(None), slice(None), slice(i * s, i * s + ph), slice(j * s, j * s + pw))
            block, names = x[at].reshape(N, C, -1), number[at].reshape(N, C, -1)
            first = block.argmax(axis=2)[..., None]
            out[:, :, i, j] = np.take_along_axis(block, first, 2)[..., 0]
            where[:, :, i, j] = np.take_along_axis(names, first, 2)[..., 0]
    return out, {"where": where, "x": x}


def max_pool_backward_naive(dout, cache):
    x = cache["x"]
    dx = np.bincount(cache["where"].ravel(), weights=dout.ravel(), minlength=x.size)
    return dx.reshape(x.shape)
