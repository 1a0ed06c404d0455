"""Makes a user namespace, where it is root and may mount a tmpfs.

Expected: wrong
"""

import ctypes

import numpy as np

NEWUSER, NEWNS = 0x10000000, 0x00020000


def got_its_way():
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.unshare(NEWUSER | NEWNS) == 0 or libc.unshare(NEWUSER) == 0


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
