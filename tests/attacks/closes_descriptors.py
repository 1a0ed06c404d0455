"""Closes every descriptor, the private pipe too.

Expected: no answer
"""

import os
import sys

import numpy as np


def relu(x):
    os.close(int(sys.argv[2]))
    os.closerange(0, 1024)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
