"""Locks parts of a file without end: the kernel keeps each of them, and no process has it in memory.

Expected: wrong
"""

import fcntl

import numpy as np


def got_its_way():
    kept = 0
    with open("layercheck_attack_@NAME@", "wb") as file:
        for place in range(2000, 0, -2):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                continue
            kept += 1
    return kept > 0


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
