"""Writes headers whose shapes are no shapes.

Expected: no answer
"""

import json
import os
import struct

import numpy as np

SHAPES = [[0, 10**30], [-1], [1.5], ["a"], [None], [[1]], [0] * 70, [True, 10**15], [-2, -4]]
turn = 0


def relu(x):
    global turn
    shape = SHAPES[turn % len(SHAPES)]
    turn += 1
    reply = {"answered": {}, "turn": 2, "arrays": [["out", "float64", shape]]}
    head = json.dumps(reply).encode()
    for fd in range(3, 32):
        try:
            os.write(fd, struct.pack("<II", len(head), 64) + head + bytes(64))
        except OSError:
            pass
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
