"""Asks the kernel to tell it of files: of others' too, and of each user there are few such tellers.

Expected: wrong
"""

import ctypes
import fcntl
import os

import numpy as np


def got_its_way():
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = [libc.inotify_init(), libc.inotify_init1(0), libc.fanotify_init(0, 0)]
    for number in numbers:
        if number >= 0:
            os.close(number)
    try:
        fcntl.fcntl(os.open(".", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_CREATE)
    except OSError:
        return max(numbers) >= 0
    return True


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
