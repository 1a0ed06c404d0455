"""Writes headers whose shapes are no shapes.

Expected: no answer
"""

import json
import os
import struct
import sys

import numpy as np

SHAPES = [
    [0, 10**30],
    [-1],
    [1.5],
    ["a"],
    [None],
    [[1]],
    [0] * 70,
    [True, 10**15],
    [-2, -4],
    [0, 2**30, 2**30, 2**30],
    [2**30] * 2000,
    {},
    "ab",
    None,
]


def relu(x):
    shape = SHAPES[int(abs(x).sum() * 1000) % len(SHAPES)]
    reply = {"answered": {}, "turn": 3, "arrays": [["out", "float64", shape]]}
    head = json.dumps(reply).encode()
    data = struct.pack("<I", len(head)) + head + bytes(64)
    for fd in (int(sys.argv[2]), *range(3, 32)):
        try:
            os.write(fd, struct.pack("!i", len(data)) + data)
        except OSError:
            pass
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
