"""Computes in place: the caller's input is no longer what it was.

Expected: changed
"""

import numpy as np


def relu(x):
    x[x < 0] = 0
    return x, x


def relu_backward(dout, cache):
    dout[cache <= 0] = 0
    return dout
