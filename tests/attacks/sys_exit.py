"""Leaves with status 0, as if all were well.

Expected: exited
"""

import sys

import numpy as np


def relu(x):
    sys.exit(0)


def relu_backward(dout, cache):
    return np.zeros_like(dout)
