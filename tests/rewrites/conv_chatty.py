"""Convolution in float64 with a dict as cache, which prints what it does.

Max pooling over windows that share memory; the gradient goes to the first maximum.
"""

import sys

import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    """Numbers are float64 inside and cast back at the end."""
    print("forward", x.shape, w.shape, conv_param)
    s, p = conv_param["stride"], conv_param["pad"]
    big, filters = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (p, p), (p, p))), w.astype(float)
    rows = range(0, big.shape[2] - w.shape[2] + 1, s)
    columns = range(0, big.shape[3] - w.shape[3] + 1, s)
    out = np.array([[[[
        (image[:, i : i + w.shape[2], j : j + w.shape[3]] * f).sum() for j in columns]
        for i in rows] for f in filters] for image in big])  # fmt: skip
    cache = {"big": big, "w": w, "param": dict(conv_param), "x": x}
    return (out + b.reshape(1, -1, 1, 1)).astype(x.dtype), cache


def conv_backward_naive(dout, cache):
    print("backward", dout.shape, file=sys.stderr)
    big, w, x = cache["big"], cache["w"].astype(float), cache["x"]
    s, p = cache["param"]["stride"], cache["param"]["pad"]
    dbig, dw = np.zeros(big.shape), np.zeros(w.shape)
    for (n, f, i, j), g in np.ndenumerate(dout):
        at = (n, slice(None), slice(i * s, i * s + w.shape[2]), slice(j * s, j * s + w.shape[3]))
        dbig[at] += g * w[f]
        dw[f] += g * big[at]
    inner = dbig[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    return inner.astype(x.dtype), dw.astype(x.dtype), dout.sum(axis=(0, 2, 3))


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
