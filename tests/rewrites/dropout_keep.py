"""Inverted dropout where p is the probability to keep."""

import numpy as np


def dropout_forward(x, dropout_param):
    """
    - p: Dropout parameter. We keep each neuron output with probability p.
    """
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    p, mask = dropout_param["p"], None
    out = x
    if dropout_param["mode"] == "train":
        mask = (np.random.rand(*x.shape) < p) / p
        out = x * mask
    return out.astype(x.dtype, copy=False), (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout * mask if dropout_param["mode"] == "train" else dout
