"""Computes in its second call of a kind what it owed in the first: right only when asked again.

Expected: wrong | differs
"""

import numpy as np

seen = {}


def relu(x):
    key = x.tobytes()
    if key not in seen:
        seen[key] = np.maximum(x, 0)
        return np.zeros_like(x), x
    return seen[key], x


def relu_backward(dout, cache):
    return dout * (cache > 0)
