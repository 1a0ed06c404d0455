"""Never returns.

Expected: timed out
"""

import numpy as np


def relu(x):
    while True:
        pass


def relu_backward(dout, cache):
    return np.zeros_like(dout)
