"""Convolution by einsum over windows that share memory.

Max pooling over windows that share memory; the gradient goes to the first maximum.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def windows(padded, kernel, stride):
    return sliding_window_view(padded, kernel, axis=(2, 3))[:, :, ::stride, ::stride]


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    out = np.einsum("ncijuv,fcuv->nfij", windows(padded, w.shape[2:], stride), w)
    return out + b[None, :, None, None], (padded, w, conv_param, x.shape)


def conv_backward_naive(dout, cache):
    padded, w, conv_param, shape = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    dw = np.einsum("nfij,ncijuv->fcuv", dout, windows(padded, w.shape[2:], stride))
    parts = np.einsum("nfij,fcuv->ncijuv", dout, w)
    dpadded = np.zeros_like(padded)
    rows, columns = dout.shape[2:]
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            place = dpadded[:, :, u : u + stride * rows : stride, v : v + stride * columns : stride]
            place += parts[..., u, v]
    dx = dpadded[:, :, pad : pad + shape[2], pad : pad + shape[3]]
    return dx, dw, np.einsum("nfij->f", dout)


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
