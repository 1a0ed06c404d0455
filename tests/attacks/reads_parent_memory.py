"""Reads the tool's memory, where the expected values are.

Expected: wrong
Not stopped by: plain, as another user: ptrace may be open to a process with the same rights
"""

import ctypes

import numpy as np

PARENT = int("@PARENT@")


def relu(x):
    try:
        with open(f"/proc/{PARENT}/mem", "rb"):
            return np.full_like(x, 1313), x
    except OSError:
        pass
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, PARENT, 0, 0) == 0:  # PTRACE_ATTACH
        libc.ptrace(17, PARENT, 0, 0)
        return np.full_like(x, 1313), x
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
