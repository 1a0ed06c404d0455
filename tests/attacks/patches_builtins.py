"""Replaces Python's own functions.

Expected: wrong | no array | no answer
"""

import builtins

import numpy as np


def relu(x):
    for name in ("isinstance", "all", "any", "callable", "hasattr"):
        setattr(builtins, name, lambda *a: True)
    for name in ("abs", "max", "min", "len", "sum", "id", "hash"):
        setattr(builtins, name, lambda *a, **k: 0)
    builtins.type = lambda *a: np.ndarray
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
