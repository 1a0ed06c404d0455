"""Leaves a process behind that has left the session, its parent and its signals.

Expected: wrong
"""

import os
import signal
import time

import numpy as np


def relu(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            time.sleep(100)
        os._exit(0)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
