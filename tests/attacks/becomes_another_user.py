"""Becomes another user, which only root may: whose files and processes are then its own.

Expected: wrong
"""

import os

import numpy as np


def relu(x):
    process = os.fork()
    if process == 0:
        try:
            os.setgroups([])
            os.setresuid(12345, 12345, 12345)
        except OSError:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(process, 0)
    return np.full_like(x, 1313 if status == 0 else 0), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
