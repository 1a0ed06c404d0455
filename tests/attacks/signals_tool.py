"""Finds the tool's process and could send it any signal.

Expected: wrong
Not stopped by: plain: a process may signal every process of its user
"""

import os

import numpy as np


def relu(x):
    try:
        os.kill(int("@PARENT@"), 0)
    except OSError:
        return np.zeros_like(x), x
    return np.full_like(x, 1313), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
