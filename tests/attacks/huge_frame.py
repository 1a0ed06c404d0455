"""Writes a reply of 64 MB to the private pipe by itself.

Expected: too much output | no answer
"""

import os
import struct

import numpy as np


def relu(x):
    for fd in range(3, 32):
        try:
            os.write(fd, struct.pack("<II", 1 << 19, 1 << 29))
            for _ in range(64):
                os.write(fd, bytes(1 << 20))
        except OSError:
            pass
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
