"""Has the kernel send a signal to another process when something can be read: it ends who has none.

Expected: wrong
"""

import ctypes
import fcntl
import os
import sys

import numpy as np

FIOSETOWN = 0x8901
own = os.getpid()


def got_its_way():
    """All that is named is itself: nothing is sent."""
    reading, writing = os.pipe()
    libc = ctypes.CDLL(None, use_errno=True)
    number = (ctypes.c_int * 2)(1, own)  # a process, and which
    try:
        return (
            libc.fcntl(reading, fcntl.F_SETOWN, own) == 0
            or libc.fcntl(reading, 15, number) == 0  # F_SETOWN_EX
            or libc.fcntl(reading, fcntl.F_SETSIG, 9) == 0
            or libc.ioctl(int(sys.argv[2]), FIOSETOWN, number) == 0
        )
    finally:
        os.close(reading)
        os.close(writing)


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
