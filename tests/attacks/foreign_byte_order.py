"""Returns the right numbers in the other byte order: an oddity, but no lie.

Expected: right
"""

import numpy as np


def relu(x):
    return np.maximum(x, 0).astype(x.dtype.newbyteorder()), x


def relu_backward(dout, cache):
    return dout * (cache > 0)
