"""Mounts a tmpfs over its folder: as large as the memory.

Expected: wrong
"""

import ctypes
import os

import numpy as np


def got_its_way():
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.mount(b"tmpfs", os.getcwd().encode(), b"tmpfs", 0, b"size=8g") == 0


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
