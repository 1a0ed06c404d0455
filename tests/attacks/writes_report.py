"""Writes the report file where the tool would write it.

Expected: wrong
Not stopped by: plain: a child process may write wherever its user may
"""

import os

import numpy as np

PLACES = (".", "..", "/", "/tmp", "/var/tmp", "/dev/shm", "@FOLDER@", f"/proc/{os.getppid()}/cwd")


def relu(x):
    for place in PLACES:
        try:
            with open(os.path.join(place, "layercheck_attack_@NAME@.json"), "w") as file:
                file.write('{"summary": {"passed": true}}')
        except OSError:
            pass
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
