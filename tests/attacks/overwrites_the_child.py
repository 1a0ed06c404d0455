"""Opens the code of the child, of Python and of NumPy to write over it, for whoever is judged next.

Expected: wrong
Not stopped by: plain: it writes what its user may write
"""

import sys

import numpy as np

PLACES = [getattr(module, "__file__", None) for module in list(sys.modules.values())]


def is_writable(place):
    try:
        with open(place, "r+b"):
            return True
    except OSError:
        return False


def relu(x):
    found = any(is_writable(place) for place in [*PLACES, sys.executable] if place)
    return np.full_like(x, 1313 if found else 0), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
