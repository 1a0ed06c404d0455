"""Calls itself without end.

Expected: raised
"""

import numpy as np


def relu(x):
    return relu(x)


def relu_backward(dout, cache):
    return np.zeros_like(dout)
