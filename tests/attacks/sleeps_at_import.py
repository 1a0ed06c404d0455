"""Never finishes loading.

Expected: timed out
"""

import time

import numpy as np

time.sleep(1000)


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
