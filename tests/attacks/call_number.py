"""Answers by the number of the call: right the first time only.

Expected: differs | wrong
"""

import numpy as np

calls = 0


def relu(x):
    global calls
    calls += 1
    return np.maximum(x, 0) * (calls % 2), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
