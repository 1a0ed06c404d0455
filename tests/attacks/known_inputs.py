"""Knows the answers to the published cases by a digest of their inputs.

Expected: wrong
"""

import hashlib

import numpy as np

ANSWERS = {"9f86d081884c7d65": [1.0, 2.0], "60303ae22b998861": [0.0, 4.0]}


def relu(x):
    key = hashlib.sha256(x.tobytes()).hexdigest()[:16]
    return np.array(ANSWERS.get(key, np.zeros_like(x))), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
