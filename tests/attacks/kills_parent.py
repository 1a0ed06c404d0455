"""Kills the process above it.

Expected: wrong | crashed | raised | no answer
"""

import os
import signal

import numpy as np


def relu(x):
    os.kill(os.getppid(), signal.SIGKILL)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
