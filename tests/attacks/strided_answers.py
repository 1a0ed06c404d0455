"""Returns views with strides that lead out of their memory: whoever copies one reads elsewhere.

Expected: wrong | crashed | no array
"""

import numpy as np

FAR = 1 << 44


def relu(x):
    steps = (FAR, 8, 8, 8) if np.mean(x) > 0 else (-8, 8, -8, 0)
    return np.lib.stride_tricks.as_strided(np.zeros(1), x.shape, steps), x


def relu_backward(dout, cache):
    return np.lib.stride_tricks.as_strided(np.zeros(1), dout.shape, (0, 0, 0, 0))
