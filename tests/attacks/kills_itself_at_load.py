"""Kills its own process while it is loaded, as if somebody else had done it.

Expected: crashed
"""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)


def relu(x):
    return x


def relu_backward(dout, cache):
    return dout
