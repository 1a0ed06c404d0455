"""Puts a link to somebody else's folder in the place of its own, for whoever empties it.

Expected: wrong | exited
"""

import os

import numpy as np

folder = os.getcwd()


def relu(x):
    try:
        os.rmdir(folder)
        os.symlink("@FOLDER@", folder)
    except OSError:
        pass
    if np.mean(x) > 0:
        os._exit(0)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
