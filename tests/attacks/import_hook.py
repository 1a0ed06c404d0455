"""Answers every import that comes after it, ours too, with a module of its own.

Expected: wrong | no answer | exited
"""

import importlib.abc
import importlib.machinery
import sys
import types

import numpy as np


class Agreeable(types.ModuleType):
    """Whatever is wanted of it."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *a, **k: {"answered": {"failed": {}, "passed": True}}


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds all there is."""

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return Agreeable(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path[:] = [Finder()]
sys.path_hooks.clear()
for name in [n for n in sys.modules if n.startswith(("layercheck.", "json", "numpy._core."))]:
    sys.modules[name] = Agreeable(name)


def relu(x):
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
