"""Asks for huge pages again, of which a part that is kept keeps the whole in memory.

Expected: wrong
"""

import ctypes
import os

import numpy as np

PR_SET_THP_DISABLE, PR_GET_THP_DISABLE = 41, 42
EXCEPT_ADVISED = 2


def got_its_way():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0)
    libc.prctl(PR_SET_THP_DISABLE, 1, EXCEPT_ADVISED, 0, 0)
    pid = os.fork()
    if pid == 0:
        os._exit(libc.prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) & 255)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 1


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
