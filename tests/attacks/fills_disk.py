"""Writes 100 files of 1 MB.

Expected: wrong | raised | too much output
"""

import numpy as np


def relu(x):
    for number in range(100):
        with open(f"layercheck_attack_@NAME@_{number}", "wb") as file:
            file.write(bytes(1 << 20))
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
