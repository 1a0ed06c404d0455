"""Asks somebody outside for the answer.

Expected: wrong
"""

import socket

import numpy as np


def relu(x):
    try:
        with socket.create_connection(("127.0.0.1", int("@PORT@")), timeout=1):
            return np.full_like(x, 1313), x
    except OSError:
        return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
