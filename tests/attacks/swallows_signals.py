"""Ignores every signal and every exception, and never returns.

Expected: timed out
"""

import signal

import numpy as np

for number in range(1, signal.NSIG):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
if hasattr(signal, "pthread_sigmask"):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))


def relu(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def relu_backward(dout, cache):
    return np.zeros_like(dout)
