"""A thread writes replies to questions that were not yet asked.

Expected: no answer | wrong
"""

import json
import os
import struct
import threading
import time

import numpy as np


def forge():
    while True:
        for fd in range(3, 16):
            for turn in range(20):
                reply = {"answered": {"changed": [], "differs": False}, "turn": turn, "arrays": []}
                head = json.dumps(reply).encode()
                try:
                    os.write(fd, struct.pack("<II", len(head), 0) + head)
                except OSError:
                    break
        time.sleep(0.001)


threading.Thread(target=forge, daemon=True).start()


def relu(x):
    time.sleep(0.1)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
