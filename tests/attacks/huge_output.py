"""Returns a view of one number as 8 TB.

Expected: too much output
"""

import numpy as np


def relu(x):
    return np.broadcast_to(np.float64(0), (1 << 40,)), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
