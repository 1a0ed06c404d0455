"""Returns an array that broadcasts to the right shape.

Expected: wrong
"""

import numpy as np


def relu(x):
    return np.zeros((1,) * x.ndim, x.dtype), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
