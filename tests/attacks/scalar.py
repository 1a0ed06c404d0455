"""Returns one number, which compares with every element.

Expected: wrong
"""

import numpy as np


def relu(x):
    return 0.0, x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
