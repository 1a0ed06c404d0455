"""Dropout by a choice among 0 and 1 for every number, one at a time."""

import random

from numpy.random import choice


def dropout_forward(x, dropout_param):
    """Every number is dropped with probability p."""
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x * 1, None
    mask = choice([0, 1], size=x.shape, p=[p, 1 - p])
    random.seed(dropout_param.get("seed"))
    return (x * mask / (1 - p)).astype(x.dtype), (mask, p)


def dropout_backward(dout, cache):
    if cache is None:
        return dout * 1
    mask, p = cache
    return (dout * mask / (1 - p)).astype(dout.dtype)
