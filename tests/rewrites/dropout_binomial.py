"""Dropout by binomial numbers of a generator that the module keeps."""

import numpy as np

rng = np.random.default_rng(231)


def dropout_forward(x, dropout_param):
    """Keep each number with probability p."""
    p = dropout_param["p"]
    if dropout_param["mode"] == "train":
        mask = rng.binomial(1, p, size=x.shape).astype(x.dtype) / np.asarray(p, x.dtype)
    else:
        mask = np.ones_like(x)
    return x * mask, mask


def dropout_backward(dout, cache):
    return dout * cache
