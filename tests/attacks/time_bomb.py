"""Ends the process some time after it was loaded, from a thread.

Expected: exited
"""

import os
import threading
import time

import numpy as np

threading.Timer(0.3, os._exit, (0,)).start()


def relu(x):
    time.sleep(25)  # however late a busy machine fires it
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
