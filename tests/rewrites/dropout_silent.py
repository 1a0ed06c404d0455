"""Dropout without a word on what p is: to drop; the mask is drawn again from the seed."""

import numpy as np


def draw(shape, dropout_param):
    generator = np.random.RandomState(dropout_param["seed"])
    return generator.uniform(size=shape) > dropout_param["p"]


def dropout_forward(x, dropout_param):
    if dropout_param["mode"] != "train":
        return x, (dropout_param, x.shape)
    kept = draw(x.shape, dropout_param)
    return np.where(kept, x / (1 - dropout_param["p"]), 0).astype(x.dtype), (dropout_param, x.shape)


def dropout_backward(dout, cache):
    dropout_param, shape = cache
    if dropout_param["mode"] != "train":
        return dout
    kept = draw(shape, dropout_param)
    return np.where(kept, dout / (1 - dropout_param["p"]), 0).astype(dout.dtype)
