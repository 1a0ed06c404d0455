"""max_pool2d and avg_pool2d with torch's arguments."""

import numpy as np


def pair(v):
    return v if isinstance(v, tuple) else (v, v)


def geometry(x, kernel_size, stride, padding, fill):
    k, p = pair(kernel_size), pair(padding)
    s = k if stride is None else pair(stride)
    xp = np.pad(x, ((0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])), constant_values=fill)
    oh, ow = ((xp.shape[2 + a] - k[a]) // s[a] + 1 for a in (0, 1))
    places = [
        (Ellipsis, slice(u, u + s[0] * (oh - 1) + 1, s[0]), slice(v, v + s[1] * (ow - 1) + 1, s[1]))
        for u in range(k[0])
        for v in range(k[1])
    ]
    crop = (Ellipsis, slice(p[0], p[0] + x.shape[2]), slice(p[1], p[1] + x.shape[3]))
    return xp, places, crop


def max_pool2d(x, kernel_size, stride=None, padding=0):
    xp, places, crop = geometry(x, kernel_size, stride, padding, -np.inf)
    stacked = np.stack([xp[at] for at in places])
    return stacked.max(axis=0), (stacked.argmax(axis=0), xp.shape, places, crop)


def max_pool2d_backward(dout, cache):
    best, shape, places, crop = cache
    dxp = np.zeros(shape, dout.dtype)
    for tap, at in enumerate(places):
        dxp[at] += np.where(best == tap, dout, 0)
    return dxp[crop]


def avg_pool2d(x, kernel_size, stride=None, padding=0):
    xp, places, crop = geometry(x, kernel_size, stride, padding, 0)
    out = sum(xp[at] for at in places) / len(places)
    return out, (xp.shape, places, crop)


def avg_pool2d_backward(dout, cache):
    shape, places, crop = cache
    dxp = np.zeros(shape, dout.dtype)
    for at in places:
        dxp[at] += dout / len(places)
    return {"dx": dxp[crop]}
