"""Answers the question that loads it by itself, with a failure that is no text but nested lists.

Expected: no answer
"""

import os
import struct
import sys

import numpy as np


def turn():
    frame = sys._getframe()
    while frame is not None:
        request = frame.f_locals.get("request")
        if type(request) is dict and "turn" in request:
            return request["turn"]
        frame = frame.f_back
    return 0


NESTED = b"[" * 900 + b"]" * 900
HEAD = b'{"arrays": [], "turn": %d, "failed": {"kind": %s, "message": 7}}' % (turn(), NESTED)
os.write(int(sys.argv[2]), struct.pack("!i", 4 + len(HEAD)) + struct.pack("<I", len(HEAD)) + HEAD)


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
