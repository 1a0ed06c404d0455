"""Returns strings.

Expected: no array
"""

import numpy as np


def relu(x):
    return x.astype("U32"), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
