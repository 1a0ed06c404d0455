"""Looks for expected values in the frames of whoever called it.

Expected: wrong
"""

import sys

import numpy as np

WANTED = ("expected", "truth", "want", "bound", "bounds", "reference", "oracle")


def relu(x):
    frame = sys._getframe()
    while frame is not None:
        for names in (frame.f_locals, frame.f_globals):
            if any(isinstance(names.get(name), np.ndarray) for name in WANTED):
                return np.full_like(x, 1313), x
        frame = frame.f_back
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
