"""Returns plain numbers whose dtype carries objects, and structures and parts that look like numbers.

Expected: wrong | no array
"""

import numpy as np


class Agreeable:
    """Equal to all, and nothing that can be packed."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __reduce__(self):
        raise SystemExit(0)


def relu(x):
    carrying = np.dtype(x.dtype, metadata={"x": Agreeable()})
    return np.zeros(x.shape, carrying), x


def relu_backward(dout, cache):
    if np.mean(dout) > 0:
        return np.zeros(dout.shape, np.dtype([("", dout.dtype)]))
    return np.zeros(dout.shape[:-1], np.dtype((np.void, 8 * dout.shape[-1])))
