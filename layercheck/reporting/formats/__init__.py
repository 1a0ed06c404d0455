"""What a report can be written as: one file a format, found by itself.

A format has a SUFFIX and `render(report) -> str`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def formats() -> dict[str, ModuleType]:
    """Every format by name."""
    modules = (
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    )
    return {m.__name__.rpartition(".")[2]: m for m in modules if hasattr(m, "SUFFIX")}
