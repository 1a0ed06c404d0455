"""Replaces NumPy's comparisons and conversions.

Expected: wrong
"""

import numpy as np

for name in ("array_equal", "allclose", "isclose", "all", "any"):
    setattr(np, name, lambda *a, **k: True)
for name in ("abs", "absolute", "max", "subtract", "isfinite"):
    setattr(np, name, lambda *a, **k: 0.0)
real = np.zeros
np.asarray = np.array = np.ascontiguousarray = np.frombuffer = lambda *a, **k: real(1)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
