"""Dropout without a word on what p is: to drop; the mask is drawn again from the seed, one of
its own where none is given."""

import numpy as np


def draw(shape, p, seed):
    return np.random.RandomState(seed).uniform(size=shape) > p


def dropout_forward(x, dropout_param):
    p, seed = dropout_param["p"], dropout_param.get("seed", np.random.randint(1 << 30))
    cache = dropout_param["mode"], p, seed, x.shape
    if dropout_param["mode"] != "train":
        return x, cache
    return np.where(draw(x.shape, p, seed), x / (1 - p), 0).astype(x.dtype), cache


def dropout_backward(dout, cache):
    mode, p, seed, shape = cache
    if mode != "train":
        return dout
    return np.where(draw(shape, p, seed), dout / (1 - p), 0).astype(dout.dtype)
