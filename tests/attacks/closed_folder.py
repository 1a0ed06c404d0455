"""Leaves a folder that nobody may list, its owner neither, with files in it.

Expected: wrong
"""

import os

import numpy as np


def relu(x):
    folder = "layercheck_attack_@NAME@"
    os.makedirs(f"{folder}/within", exist_ok=True)
    try:
        os.chmod(folder, 0o300)
    except OSError:  # refused: made so from the start, then
        os.umask(0o400)
        os.makedirs(f"{folder}/below/further", mode=0o300, exist_ok=True)
        open(f"{folder}/below/further/file", "wb").close()
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
