"""A thread reads the questions from the private pipe before the child does, and answers them itself.

Expected: wrong | no answer | timed out | changed | differs | exited
"""

import json
import os
import struct
import sys
import threading

import numpy as np

PARTS = {"forward": [], "backward": []}
ANSWERED = {"failed": {}, "lacking": {}, "misfits": {}, "notes": PARTS, "called": ""}


def steal():
    fd = int(sys.argv[2])
    while True:
        question = os.read(fd, 1 << 16)
        turn = 0
        if b'"turn": ' in question:
            turn = int(question.partition(b'"turn": ')[2].split(b",")[0].rstrip(b"}"))
        head = json.dumps({"answered": ANSWERED, "turn": turn, "arrays": []}).encode()
        os.write(fd, struct.pack("!i", 4 + len(head)) + struct.pack("<I", len(head)) + head)


for _ in range(4):
    threading.Thread(target=steal, daemon=True).start()


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
