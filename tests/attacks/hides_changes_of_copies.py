"""Computes in place on the copies, axes turned, that its layout gets, and replaces what the child tells.

Expected: changed
"""

import sys

import numpy as np

LAYOUT = "NHWC"
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


def relu(x):
    real["x"] = x.transpose(0, 3, 1, 2).copy()
    mask = x > 0
    x[~mask] = 0
    return x + 0, mask


def relu_backward(dout, mask):
    real["dout"] = dout.transpose(0, 3, 1, 2).copy()
    dout[~mask] = 0
    return dout + 0
