"""Returns an object that says it equals everything.

Expected: no array
"""

import numpy as np


class Anything:
    shape, dtype, ndim, size = (), np.dtype("float64"), 0, 1

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __lt__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        return np.zeros(())


def relu(x):
    return Anything(), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
