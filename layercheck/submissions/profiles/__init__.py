"""How foreign layers are called: one file or folder a profile, found by itself.

A profile reads from a syntax tree which functions make up which op (`find`), and puts a question to
them (`open_session`). It runs in the child, and therefore imports nothing but the standard library,
NumPy and its neighbours here. What has a `NAME` is a profile; the others are what profiles share.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType


@cache
def known_profiles() -> dict[str, ModuleType]:
    """Every profile by name; of those that fit equally well the first one is taken."""
    found = sorted(_modules(), key=lambda module: (module.RANK, module.NAME))
    return {module.NAME: module for module in found}


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "NAME"):
            yield module
