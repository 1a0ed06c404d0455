"""Becomes another program, which answers on the private pipe what it likes.

Expected: wrong | changed | no answer
"""

import os
import sys

import numpy as np

PROGRAM = r"""
import json, os, struct, sys
number, turn = int(sys.argv[1]), int(sys.argv[2])
parts = {"forward": [], "backward": []}
while True:
    told = {"failed": {}, "lacking": {}, "misfits": {}, "notes": parts, "called": ""}
    names = ["out", "dx", "forward x", "backward x", "backward dout"]
    arrays = [[name, "float64", [2, 3, 5, 4]] for name in names]
    head = json.dumps({"answered": told, "changed": [], "turn": turn, "arrays": arrays}).encode()
    data = struct.pack("<I", len(head)) + head + bytes(960 * len(names))
    os.write(number, struct.pack("!i", len(data)) + data)
    if not os.read(number, 1 << 20):
        break
    turn += 1
"""


def turn():
    frame = sys._getframe()
    while frame is not None:
        request = frame.f_locals.get("request")
        if type(request) is dict and "turn" in request:
            return request["turn"]
        frame = frame.f_back
    return 0


def relu(x):
    number = int(sys.argv[2])
    os.set_inheritable(number, True)
    os.execv(sys.executable, [sys.executable, "-S", "-c", PROGRAM, str(number), str(turn())])
    return np.full_like(x, 1313), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
