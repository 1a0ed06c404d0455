"""Leaves another program behind, with no pipes and an empty environment.

Expected: wrong
"""

import os
import sys

import numpy as np


def relu(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 256)
            code = "import time; time.sleep(100)"
            os.execve(sys.executable, [sys.executable, "-S", "-c", code, *sys.argv], {})
        os._exit(0)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
