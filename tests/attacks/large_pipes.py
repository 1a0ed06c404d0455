"""Makes pipes large and fills them: what lies in a pipe is in nobody's memory.

Expected: wrong
"""

import fcntl
import os

import numpy as np

LARGE = 1 << 20


def got_its_way():
    ends = os.pipe()
    try:
        return fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, LARGE) >= LARGE
    except OSError:
        return False
    finally:
        for number in ends:
            os.close(number)


def relu(x):
    return np.full_like(x, 1313) if got_its_way() else np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
