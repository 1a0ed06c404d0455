"""Inverted dropout where p is the probability to drop, as taught in 2016."""

import numpy as np


def dropout_forward(x, dropout_param):
    """
    - p: Dropout parameter. We drop each neuron output with probability p.
    """
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x.copy(), (dropout_param, None)
    mask = (np.random.random(x.shape) >= p) / (1 - p)
    return (x * mask).astype(x.dtype), (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout.copy() if mask is None else (dout * mask).astype(dout.dtype)
