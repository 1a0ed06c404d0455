"""Keeps shared pages that it drops: they stay, and no process has them resident.

Expected: wrong
Not stopped by: plain: /dev/zero can be mapped, and a child process may open it
"""

import mmap
import os

import numpy as np

SIZE = 1 << 20


def got_its_way():
    try:
        mmap.mmap(-1, SIZE).madvise(mmap.MADV_DONTNEED)
    except OSError:
        return from_zero()
    return True


def from_zero():
    try:
        number = os.open("/dev/zero", os.O_RDONLY)
        mmap.mmap(number, SIZE, mmap.MAP_SHARED, mmap.PROT_READ)
    except OSError:
        return False
    return True


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
