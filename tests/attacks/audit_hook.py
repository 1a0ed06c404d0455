"""Adds an audit hook, which no Python takes away again, and raises whenever it is told of anything.

Expected: wrong | exited | raised
"""

import sys

import numpy as np

busy = []


def hook(event, arguments):
    if busy and event not in ("object.__getattr__",):
        raise RuntimeError(event)


sys.addaudithook(hook)


def relu(x):
    busy.append(1)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
