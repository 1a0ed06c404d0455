"""Writes forged replies to every descriptor that it finds.

Expected: no answer
"""

import json
import os
import struct

import numpy as np


def frame(turn):
    reply = {"answered": {"changed": [], "differs": False, "notes": []}, "turn": turn, "arrays": []}
    head = json.dumps(reply).encode()
    return struct.pack("<II", len(head), 0) + head


def relu(x):
    for fd in range(3, 64):
        for turn in range(100, 120):
            try:
                os.write(fd, frame(turn))
            except OSError:
                break
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
