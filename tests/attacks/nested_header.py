"""Writes a header nested so deep that reading it overflows the reader's stack.

Expected: no answer
"""

import os
import struct

import numpy as np

HEAD = b'{"arrays": [], "x": ' + b"[" * 400_000 + b"]" * 400_000 + b"}"


def relu(x):
    for fd in range(3, 32):
        try:
            os.write(fd, struct.pack("<II", len(HEAD), 0) + HEAD)
        except OSError:
            pass
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
