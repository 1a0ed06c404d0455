"""Convolution by the Fourier transform, in the dtype that NumPy's transform has."""

import numpy as np


def correlate(a, w, rows, columns):
    """a: (N, C, H, W), w: (F, C, U, V) -> every window at stride 1: (N, F, rows, columns)."""
    size = a.shape[2:]
    fa, fw = np.fft.rfft2(a, size), np.fft.rfft2(w, size)
    full = np.fft.irfft2(np.einsum("ncij,fcij->nfij", fa, fw.conj()), size)
    return full[:, :, :rows, :columns].astype(a.dtype)


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    rows, columns = (padded.shape[2 + k] - w.shape[2 + k] + 1 for k in (0, 1))
    out = correlate(padded, w, rows, columns)[:, :, ::s, ::s] + b.reshape(-1, 1, 1)
    return out, (x, padded, w, conv_param, (rows, columns))


def conv_backward_naive(dout, cache):
    x, padded, w, conv_param, (rows, columns) = cache
    s, p = conv_param["stride"], conv_param["pad"]
    dense = np.zeros((*dout.shape[:2], rows, columns), x.dtype)
    dense[:, :, ::s, ::s] = dout
    dw = correlate(padded.swapaxes(0, 1), dense.swapaxes(0, 1), *w.shape[2:]).swapaxes(0, 1)
    u, v = w.shape[2] - 1, w.shape[3] - 1
    wide = np.pad(dense, ((0, 0), (0, 0), (u, u), (v, v)))
    dx = correlate(wide, w[:, :, ::-1, ::-1].swapaxes(0, 1), *padded.shape[2:])
    return dx[:, :, p : p + x.shape[2], p : p + x.shape[3]], dw, dout.sum(axis=(0, 2, 3))


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


def taps(x, pool_param):
    s = pool_param["stride"]
    oh = (x.shape[2] - pool_param["pool_height"]) // s + 1
    ow = (x.shape[3] - pool_param["pool_width"]) // s + 1
    for u in range(pool_param["pool_height"]):
        for v in range(pool_param["pool_width"]):
            yield x[:, :, u : u + s * oh : s, v : v + s * ow : s]
