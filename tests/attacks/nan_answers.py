"""Returns NaN everywhere, for which `error > bound` is never true.

Expected: wrong
"""

import numpy as np


def relu(x):
    return np.full_like(x, np.nan), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
