"""Sets all that holds for the whole process: errors, warnings, recursion, switching, collecting.

Expected: wrong | exited | raised
"""

import gc
import locale
import sys
import threading
import warnings

import numpy as np

np.seterr(all="raise")
np.set_printoptions(threshold=sys.maxsize)
warnings.simplefilter("error")
gc.disable()
gc.freeze()
sys.setswitchinterval(1000)
threading.stack_size(32768)
locale.setlocale(locale.LC_ALL, "")
sys.set_int_max_str_digits(640)


def relu(x):
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + 3)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
