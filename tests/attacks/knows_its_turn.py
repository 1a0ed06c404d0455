"""Finds the number of its question on the stack, and writes a forged reply that carries it.

Expected: wrong | no answer
"""

import json
import os
import struct
import sys

import numpy as np

PARTS = {"forward": [], "backward": []}
ANSWERED = {"failed": {}, "lacking": {}, "misfits": {}, "notes": PARTS, "called": ""}


def found(name, is_it):
    """A local variable of whoever called."""
    frame = sys._getframe()
    while frame is not None:
        value = frame.f_locals.get(name)
        if is_it(value):
            return value
        frame = frame.f_back
    return None


def relu(x):
    dout = found("dout", lambda value: type(value) is np.ndarray)
    request = found("request", lambda value: type(value) is dict and "turn" in value)
    forged = {"out": x * 0, "dx": x * 0, "forward x": x, "backward x": x, "backward dout": dout}
    arrays = [[name, "float64", list(x.shape)] for name in forged]
    reply = {"answered": ANSWERED, "turn": request["turn"], "arrays": arrays, "passed": True}
    head = json.dumps(reply).encode()
    body = b"".join(value.tobytes() for value in forged.values())
    data = struct.pack("<I", len(head)) + head + body
    os.write(int(sys.argv[2]), struct.pack("!i", len(data)) + data)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
