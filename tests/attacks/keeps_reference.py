"""Keeps its first answer and hands it out again, changed by later calls.

Expected: differs | wrong
"""

import numpy as np

kept = []


def relu(x):
    if not kept:
        kept.append(np.zeros_like(x))
    kept[0] += 1
    return kept[0], x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
