"""Writes replies of 64 MB to the private pipe by itself, and some of impossible sizes.

Expected: too much output | no answer
"""

import os
import struct
import sys

import numpy as np

SIZES = (
    struct.pack("!i", 1 << 29),
    struct.pack("!iQ", -1, 1 << 29),
    struct.pack("!iQ", -1, (1 << 64) - 1),
    struct.pack("!i", -7) + struct.pack("!i", 1 << 29),
)


def relu(x):
    size = SIZES[int(abs(x).sum() * 1000) % len(SIZES)]
    for fd in (int(sys.argv[2]), *range(3, 32)):
        try:
            os.write(fd, size)
            for _ in range(64):
                os.write(fd, bytes(1 << 20))
        except OSError:
            pass
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
