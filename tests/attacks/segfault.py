"""Reads address 0.

Expected: crashed
"""

import ctypes

import numpy as np


def relu(x):
    return ctypes.string_at(0), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
