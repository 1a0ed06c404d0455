"""Registers a function that writes a forged reply when Python ends, then leaves.

Expected: exited
"""

import atexit
import json
import os
import struct
import sys

import numpy as np


def forge():
    head = json.dumps(
        {"answered": {"changed": [], "differs": False}, "turn": 2, "arrays": []}
    ).encode()
    for fd in range(3, 32):
        try:
            os.write(fd, struct.pack("<II", len(head), 0) + head)
        except OSError:
            pass


atexit.register(forge)


def relu(x):
    sys.exit(0)


def relu_backward(dout, cache):
    return np.zeros_like(dout)
