"""Has the reference layers do the work.

Expected: not allowed
"""

import numpy as np


def relu(x):
    from ref_layers.relu import relu as right

    return right(x)


def relu_backward(dout, cache):
    return np.zeros_like(dout)
