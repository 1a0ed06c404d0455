"""Replaces methods of ndarray itself, in the type's own dictionary, which nothing puts back.

Expected: wrong | no answer | exited | raised | no array | not understood
"""

import ctypes
import gc

import numpy as np

own = gc.get_referents(np.ndarray.__dict__)[0]
right = np.ndarray.tobytes


class Agreeable:
    """Whatever it is asked."""

    def __get__(self, one, kind):
        return self

    def __call__(self, *a, **k):
        return b"\x00" * 960


for name in ("tobytes", "astype", "view", "copy", "nbytes", "__eq__"):
    own[name] = Agreeable()
ctypes.pythonapi.PyType_Modified(ctypes.py_object(np.ndarray))


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
