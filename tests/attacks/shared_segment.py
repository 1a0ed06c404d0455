"""Makes a System V segment: it outlives the process, and counts for nobody.

Expected: wrong
"""

import ctypes

import numpy as np

IPC_PRIVATE, CREATE, REMOVE = 0, 0o1600, 0


def got_its_way():
    libc = ctypes.CDLL(None, use_errno=True)
    number = libc.shmget(IPC_PRIVATE, ctypes.c_size_t(1 << 20), CREATE)
    if number < 0:
        return False
    libc.shmctl(number, REMOVE, None)
    return True


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
