"""Shuts its side of the private pipe without closing it, and goes on.

Expected: no answer
"""

import os
import socket
import sys
import time

import numpy as np


def relu(x):
    pipe = socket.socket(fileno=os.dup(int(sys.argv[2])))
    pipe.shutdown(socket.SHUT_WR)
    time.sleep(100)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
