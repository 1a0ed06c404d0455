"""Many processes take a little memory each: all that there is together.

Beside many other processes of its user it may not start so many: then it raises.

Expected: out of memory | raised
"""

import os
import time

import numpy as np

EACH, COUNT = 1 << 28, 12


def relu(x):
    told, tell = os.pipe()
    for _ in range(COUNT):
        if os.fork() == 0:
            kept = np.ones(EACH, np.uint8)
            os.write(tell, b"1" if kept.all() else b"")
            time.sleep(100)
            os._exit(0)
    os.close(tell)
    done = 0
    while done < COUNT and (some := os.read(told, COUNT)):
        done += len(some)
    return np.full_like(x, 1313 if done == COUNT else 0), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
