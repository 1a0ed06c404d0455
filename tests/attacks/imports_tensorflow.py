"""Goes around the import system to reach a framework.

Expected: wrong | not allowed
Not stopped by: plain: a child process may read whatever its user may
"""

import importlib
import importlib.machinery
import sys

import numpy as np

FRAMEWORKS = ("tensorflow", "torch", "keras", "jax")


def relu(x):
    for name in FRAMEWORKS:
        try:
            __import__(name)
            return np.full_like(x, 1313), x
        except ImportError:
            pass
    sys.meta_path[:] = [f for f in sys.meta_path if "layercheck" not in type(f).__module__]
    importlib.invalidate_caches()
    for name in FRAMEWORKS:
        spec = importlib.machinery.PathFinder.find_spec(name, ["@SITE@", *sys.path])
        if spec is not None and spec.origin:
            try:
                with open(spec.origin, "rb") as file:
                    file.read(1)
                return np.full_like(x, 1313), x
            except OSError:
                pass
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
