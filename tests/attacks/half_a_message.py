"""Begins a message and never ends it, so that its own reply is taken for the rest.

Expected: timed out | no answer
"""

import os
import struct
import sys

import numpy as np


def relu(x):
    os.write(int(sys.argv[2]), struct.pack("!i", 1 << 20) + b"half")
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
