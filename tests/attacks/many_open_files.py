"""Opens files until the system has no more.

Expected: wrong
"""

import os

import numpy as np


def got_its_way():
    numbers = []
    try:
        while len(numbers) < 200:
            numbers.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    for number in numbers:
        os.close(number)
    return len(numbers) == 200


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
