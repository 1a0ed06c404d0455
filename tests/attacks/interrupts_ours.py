"""Has a timer interrupt the child a thousand times a second: it raises wherever our lines are then.

Expected: wrong | no answer | exited | raised
"""

import signal

import numpy as np


def raises(number, frame):
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if type(value) is dict:
                value.update(passed=True, failed={}, changed=[])
        frame = frame.f_back
    raise SystemExit(0)


def relu(x):
    signal.signal(signal.SIGALRM, raises)
    signal.signal(signal.SIGVTALRM, raises)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.001, 0.001)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
