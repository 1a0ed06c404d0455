"""Replaces what the child writes its replies with, and rewrites each reply on its way out.

Expected: wrong | no answer
"""

import json
import os
import struct
import sys
from multiprocessing import connection

import numpy as np

FORGED = '{"passed": true, "verdict": "exact", "answered": {}, "arrays": []}'
VERDICT = {"passed": True, "verdict": "exact", "changed": [], "differs": False}
dumps, loads, pack, unpack, write = json.dumps, json.loads, struct.pack, struct.unpack, os.write


def rewritten(data):
    (size,) = unpack("<I", data[:4])
    told = loads(data[4 : 4 + size])
    for part in [told, *(value for value in told.values() if type(value) is dict)]:
        part.update(VERDICT)
    head = dumps(told).encode()
    return pack("<I", len(head)) + head + data[4 + size :]


def send_bytes(self, data, offset=0, size=None):
    data = rewritten(bytes(data))
    write(self._handle, pack("!i", len(data)) + data)


connection.Connection.send_bytes = connection._ConnectionBase.send_bytes = send_bytes
json.dumps = lambda *a, **k: FORGED
json.JSONEncoder.encode = lambda *a, **k: FORGED
struct.pack = lambda *a: b""
os.write = lambda fd, data: len(data)
for name, module in list(sys.modules.items()):
    if name.startswith("layercheck"):
        for key in ("send", "pack", "unpack", "LENGTH", "plain_array", "tuples", "failure"):
            if hasattr(module, key):
                setattr(module, key, lambda *a, **k: None)


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
