"""Takes memory until there is none.

Expected: out of memory | timed out
"""

import numpy as np


def relu(x):
    kept = []
    while True:
        kept.append(np.ones(1 << 24))


def relu_backward(dout, cache):
    return np.zeros_like(dout)
