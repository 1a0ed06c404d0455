"""Stops its own process, which then neither runs nor ends.

Expected: timed out
"""

import os
import signal

import numpy as np


def relu(x):
    os.kill(os.getpid(), signal.SIGSTOP)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
