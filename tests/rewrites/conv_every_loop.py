"""Convolution with a loop for every index, and a sum in Python's own floats.

Max pooling over windows that share memory; the gradient goes to the first maximum.
"""

import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for n, f, i, j in np.ndindex(N, F, H_out, W_out):
        total = float(b[f])
        for c, u, v in np.ndindex(C, HH, WW):
            h, k = i * stride + u - pad, j * stride + v - pad
            if 0 <= h < H and 0 <= k < W:
                total += float(x[n, c, h, k]) * float(w[f, c, u, v])
        out[n, f, i, j] = total
    return out.astype(x.dtype), (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, C, H, W = x.shape
    _, _, HH, WW = w.shape
    dx, dw, db = (np.zeros(a.shape) for a in (x, w, b))
    for n, f, i, j in np.ndindex(*dout.shape):
        g = float(dout[n, f, i, j])
        db[f] += g
        for c, u, v in np.ndindex(C, HH, WW):
            h, k = i * stride + u - pad, j * stride + v - pad
            if 0 <= h < H and 0 <= k < W:
                dx[n, c, h, k] += g * w[f, c, u, v]
                dw[f, c, u, v] += g * x[n, c, h, k]
    return dx.astype(x.dtype), dw.astype(w.dtype), db.astype(b.dtype)


def max_pool_forward_naive(x, pool_param):
    x = np.ascontiguousarray(x)
    k, m, s = (pool_param[name] for name in ("pool_height", "pool_width", "stride"))
    n, c, h, w = x.shape
    oh, ow = (h - k) // s + 1, (w - m) // s + 1
    a, b, d, e = x.strides
    seen = np.lib.stride_tricks.as_strided(
        x, (n, c, oh, ow, k, m), (a, b, d * s, e * s, d, e), writeable=False
    )
    flat = seen.reshape(n, c, oh, ow, k * m)
    return flat.max(axis=-1), (flat.argmax(axis=-1), x.shape, k, m, s)


def max_pool_backward_naive(dout, cache):
    best, shape, _, m, s = cache
    dx = np.zeros(shape, dout.dtype)
    n, c, i, j = np.indices(dout.shape)
    np.add.at(dx, (n, c, i * s + best // m, j * s + best % m), dout)
    return dx
