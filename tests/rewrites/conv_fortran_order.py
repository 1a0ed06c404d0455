"""Convolution whose results are Fortran-ordered or views with odd strides.

Max pooling by comparing shifted images, tap by tap.
"""

import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.asfortranarray(np.pad(x, ((0,), (0,), (p,), (p,))))
    oh = (xp.shape[2] - w.shape[2]) // s + 1
    ow = (xp.shape[3] - w.shape[3]) // s + 1
    out = np.zeros((ow, oh, len(w), len(x)), x.dtype)  # turned around below
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            tap = xp[:, :, u : u + s * oh : s, v : v + s * ow : s]
            out += np.einsum("ncij,fc->jifn", tap, w[:, :, u, v])
    out += b[None, None, :, None]
    return out.transpose(3, 2, 1, 0), (xp, w, s, p, x.shape)


def conv_backward_naive(dout, cache):
    xp, w, s, p, shape = cache
    oh, ow = dout.shape[2:]
    dxp = np.zeros_like(xp, order="F")
    dw = np.zeros_like(w, order="F")
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            at = (..., slice(u, u + s * oh, s), slice(v, v + s * ow, s))
            dw[:, :, u, v] = np.einsum("nfij,ncij->fc", dout, xp[at])
            dxp[at] += np.einsum("nfij,fc->ncij", dout, w[:, :, u, v])
    db = np.repeat(dout.sum(axis=(0, 2, 3)), 2)[::2]
    return dxp[:, :, p : p + shape[2], p : p + shape[3]], dw, db


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
