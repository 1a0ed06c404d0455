"""dropout with a mask of its own drawing; flatten, add and concat."""

import numpy as np


def dropout(x, p=0.5, training=True):
    if not training:
        return x.copy(), None
    mask = np.random.uniform(0.0, 1.0, size=x.shape) >= p
    scale = mask.astype(x.dtype) / x.dtype.type(1 - p)
    return x * scale, scale


def dropout_backward(dout, cache):
    return dout.copy() if cache is None else dout * cache


def flatten(x):
    return x.reshape(x.shape[0], -1), x.shape


def flatten_backward(dout, cache):
    return dout.reshape(cache)


def add(x, y):
    return x + y


def add_backward(dout):
    return dout.copy(), dout.copy()


def concat(x, y):
    return np.concatenate([x, y], axis=1)


def concat_backward(dout, x, y):
    return dout[:, : x.shape[1]].copy(), dout[:, x.shape[1] :].copy()
