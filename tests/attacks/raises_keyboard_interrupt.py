"""Raises KeyboardInterrupt, as if somebody had pressed Ctrl-C.

Expected: raised
"""

import numpy as np


def relu(x):
    raise KeyboardInterrupt


def relu_backward(dout, cache):
    return np.zeros_like(dout)
