"""Ends the process with status 0, with no chance to see it in Python.

Expected: exited
"""

import os

import numpy as np


def relu(x):
    os._exit(0)


def relu_backward(dout, cache):
    return np.zeros_like(dout)
