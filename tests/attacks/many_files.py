"""Makes empty files without end: no limit on their size counts them, and each takes memory.

Expected: too much output
"""

import time

import numpy as np


def relu(x):
    began, number = time.monotonic(), 0
    while number < 200_000 and time.monotonic() - began < 8:
        number += 1
        with open(f"layercheck_attack_@NAME@_{number}", "wb"):
            pass
    return np.full_like(x, 1313), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
