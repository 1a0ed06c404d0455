"""A thread finds what the child is about to send, and puts other arrays and other words in it.

Expected: wrong | changed | no answer | exited
"""

import gc
import threading
import time

import numpy as np

real = {}


def edit():
    while True:
        for thing in gc.get_objects():
            if type(thing).__name__ == "Parts":
                thing.failed.clear()
                thing.lacking.clear()
                for name in list(thing.arrays):
                    if name.partition(" ")[2] in real:
                        thing.arrays[name] = real[name.partition(" ")[2]]
        time.sleep(0.0001)


threading.Thread(target=edit, daemon=True).start()


def relu(x):
    real["x"] = x.copy()
    x[x < 0] = 0
    time.sleep(0.05)
    return x + 0, x


def relu_backward(dout, cache):
    real["dout"] = dout.copy()
    dout[:] = 0
    time.sleep(0.05)
    return dout + 0
