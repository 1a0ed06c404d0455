"""Has the kernel do its reading and writing by io_uring, past what a filter sees.

Expected: wrong
"""

import ctypes

import numpy as np

IO_URING_SETUP = 425


def got_its_way():
    libc = ctypes.CDLL(None, use_errno=True)
    parameters = (ctypes.c_uint32 * 30)()
    return libc.syscall(IO_URING_SETUP, 4, parameters) >= 0


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
