"""Looks for an array in memory that holds the answer to its question.

Expected: wrong
"""

import gc

import numpy as np


def relu(x):
    right = np.maximum(x, 0)
    for thing in gc.get_objects():
        values = thing.values() if type(thing) is dict else (thing if type(thing) is list else ())
        for value in list(values):
            if type(value) is np.ndarray and value is not right and value.shape == x.shape:
                if value.dtype == x.dtype and value.tobytes() == right.tobytes():
                    return np.full_like(x, 1313), x
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
