"""Returns an object whose `__class__` says numpy.ndarray.

Expected: no array
"""

import numpy as np


class ndarray:  # noqa: N801
    __class__ = property(lambda self: np.ndarray)
    __module__ = "numpy"

    def __getattr__(self, name):
        return getattr(np.zeros(3), name)


def relu(x):
    return ndarray(), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
