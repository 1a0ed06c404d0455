"""Replaces what the child writes its replies with.

Expected: wrong | no answer
"""

import json
import os
import struct
import sys

import numpy as np

FORGED = '{"passed": true, "verdict": "exact", "answered": {}, "arrays": []}'
json.dumps = lambda *a, **k: FORGED
json.JSONEncoder.encode = lambda *a, **k: FORGED
struct.pack = lambda *a: b""
os.write = lambda fd, data: len(data)
for name, module in list(sys.modules.items()):
    if name.startswith("layercheck"):
        for key in ("send", "plain_array", "bits", "failure"):
            if hasattr(module, key):
                setattr(module, key, lambda *a, **k: None)


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
