"""Raises the recursion limit and overflows the C stack.

Expected: crashed | raised | out of memory
"""

import functools
import sys

import numpy as np

sys.setrecursionlimit(10**8)


def deeper(step, _):
    return functools.reduce(deeper, (step, step))


def relu(x):
    return deeper(1, 1), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
