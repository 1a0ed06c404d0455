"""What a platform reads of one submission: one file a platform, found by itself.

A platform that reads results has `render(grade) -> str`; for one that runs tests of its own the
file has the text of these.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def platforms() -> dict[str, ModuleType]:
    """Every platform by name."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: module for name, module in found.items() if hasattr(module, "render")}
