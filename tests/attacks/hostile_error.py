"""Raises an error that cannot be printed, with a name of 10 MB.

Expected: raised
"""

import numpy as np


def hostile(self):
    raise SystemExit(0)


Error = type("E" * 10_000_000, (Exception,), {"__str__": hostile, "__repr__": hostile})


def relu(x):
    raise Error


def relu_backward(dout, cache):
    return np.zeros_like(dout)
