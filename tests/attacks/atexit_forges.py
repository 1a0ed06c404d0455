"""Registers a function that writes forged replies when Python ends, then leaves.

Expected: exited
"""

import atexit
import json
import os
import struct
import sys

import numpy as np

PARTS = {"forward": [], "backward": []}
ANSWERED = {"failed": {}, "lacking": {}, "misfits": {}, "notes": PARTS, "called": ""}


def forge():
    for fd in (int(sys.argv[2]), *range(3, 32)):
        for turn in range(8):
            head = json.dumps({"answered": ANSWERED, "turn": turn, "arrays": []}).encode()
            try:
                os.write(fd, struct.pack("!i", 4 + len(head)) + struct.pack("<I", len(head)) + head)
            except OSError:
                break


atexit.register(forge)


def relu(x):
    sys.exit(0)


def relu_backward(dout, cache):
    return np.zeros_like(dout)
