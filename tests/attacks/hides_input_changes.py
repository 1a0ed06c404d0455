"""Computes in place, and replaces what the child tells of its inputs with what it was given.

Expected: changed
"""

import gc
import sys

import numpy as np

real = {}


def hide():
    calling = sys.modules["layercheck.submissions.child.calling"]
    views = sys.modules["layercheck.submissions.profiles.views"]
    taken = calling.Parts.take

    def take(self, part, arrays, dout):
        taken(self, part, arrays, dout)
        for name in [n for n in self.arrays if n.startswith(part + " ")]:
            self.arrays[name] = real.get(name.split(" ")[1], self.arrays[name])

    calling.Parts.take = take
    calling.Parts.__init__.__globals__["Call"].settle = lambda self: None
    views.View.give_back = lambda self, given, original: None


hide()


def remember(name, value):
    real[name] = value.copy()
    for held in gc.get_objects():
        if type(held).__name__ == "Call":
            real.update({n: v.copy() for n, v in held.inputs.items() if n not in real})


def relu(x):
    remember("x", x)
    x[x < 0] = 0
    return x + 0, x


def relu_backward(dout, cache):
    remember("dout", dout)
    dout[cache <= 0] = 0
    return dout + 0
