"""Keeps memory in files without a name, which no limit on address space counts.

Expected: wrong
"""

import os

import numpy as np


def got_its_way():
    try:
        number = os.memfd_create("hidden")
    except OSError:
        return False
    os.close(number)
    return True


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
