"""Sends itself signals that wait: of those, and of timers, each user may have so many in all.

Expected: wrong
"""

import ctypes
import os
import signal

import numpy as np

MANY = 5000


def waiting():
    """How many wait; in a process of its own, whose end takes them back."""
    libc = ctypes.CDLL(None, use_errno=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN + 1])
    kept = 0
    for _ in range(MANY):
        kept += libc.sigqueue(os.getpid(), int(signal.SIGRTMIN) + 1, None) == 0
    timer = ctypes.c_void_p()
    for _ in range(MANY):
        kept += libc.timer_create(1, None, ctypes.byref(timer)) == 0
    return kept


def got_its_way():
    pid = os.fork()
    if pid == 0:
        os._exit(waiting() > 1000)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
