"""Prints 50 MB to both streams, and computes honestly.

Expected: right
"""

import os

import numpy as np


def relu(x):
    for _ in range(400):
        os.write(1, b"x" * 65536)
        os.write(2, b"y" * 65536)
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)
