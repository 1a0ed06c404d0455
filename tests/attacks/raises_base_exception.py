"""Raises what `except Exception` does not catch.

Expected: raised
"""

import numpy as np


class Odd(BaseException):
    pass


def relu(x):
    raise Odd("not an Exception")


def relu_backward(dout, cache):
    return np.zeros_like(dout)
