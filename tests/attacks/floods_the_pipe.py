"""Writes small messages to the private pipe without end, from the load on.

Where its thread comes late it is asked like anybody else.

Expected: no answer | timed out | wrong
"""

import os
import struct
import sys
import threading

import numpy as np

HEAD = b'{"arrays": [], "turn": -1, "loaded": {}}'
FRAME = struct.pack("!i", 4 + len(HEAD)) + struct.pack("<I", len(HEAD)) + HEAD


def flood():
    while True:
        os.write(int(sys.argv[2]), FRAME * 1000)


threading.Thread(target=flood, daemon=True).start()


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
