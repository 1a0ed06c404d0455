"""Leaves links in its folder to everything outside, for whoever empties it.

Expected: wrong | raised
"""

import os

import numpy as np


def relu(x):
    for number, place in enumerate(("@FOLDER@", "@REPOSITORY@", "/", "@FOLDER@/victim.txt")):
        if not os.path.islink(f"link{number}"):
            os.symlink(place, f"link{number}")
    os.makedirs("deep/er", exist_ok=True)
    if not os.path.islink("deep/er/link"):
        os.symlink("@FOLDER@", "deep/er/link")
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
