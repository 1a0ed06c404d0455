"""Returns an object array that runs a command when it is unpickled.

Expected: no array
"""

import os

import numpy as np


class Bomb:
    def __reduce__(self):
        return os.system, ("touch @FOLDER@/layercheck_attack_@NAME@",)


def relu(x):
    return np.array([Bomb()] * x.size, dtype=object).reshape(x.shape), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
