"""Starts processes that start processes (here at most 2^7).

Expected: raised | wrong
"""

import os
import time

import numpy as np


def relu(x):
    mine = os.getpid()
    for _ in range(7):
        try:
            os.fork()
        except OSError:
            if os.getpid() == mine:
                raise
    if os.getpid() != mine:
        time.sleep(100)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
