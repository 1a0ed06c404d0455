"""Gives the child's own functions other code: they stay the same objects, so nothing is put back.

Expected: wrong | no answer | exited
"""

import sys

import numpy as np


def nothing_changed(self):
    return {"answered": {"failed": {}, "lacking": {}, "misfits": {}, "notes": {}, "called": ""}}, {}


def unpatched(self):
    return []


calling = sys.modules["layercheck.submissions.child.calling"]
guard = sys.modules["layercheck.submissions.child.guard"]
calling.Parts.message.__code__ = nothing_changed.__code__
guard.Guard.restore.__code__ = unpatched.__code__


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
