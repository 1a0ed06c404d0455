"""A thread writes replies to questions that were not yet asked.

Expected: no answer | wrong
"""

import json
import os
import struct
import sys
import threading
import time

import numpy as np

PARTS = {"forward": [], "backward": []}
ANSWERED = {"failed": {}, "lacking": {}, "misfits": {}, "notes": PARTS, "called": ""}


def frame(turn):
    head = json.dumps({"answered": ANSWERED, "turn": turn, "arrays": []}).encode()
    return struct.pack("!i", 4 + len(head)) + struct.pack("<I", len(head)) + head


def forge():
    while True:
        for fd in (int(sys.argv[2]), *range(3, 16)):
            for turn in range(20):
                try:
                    os.write(fd, frame(turn))
                except OSError:
                    break
        time.sleep(0.001)


threading.Thread(target=forge, daemon=True).start()


def relu(x):
    time.sleep(0.1)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
