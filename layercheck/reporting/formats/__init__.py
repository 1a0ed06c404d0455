"""What a report can be written as: one file a format, found by itself.

A format has a SUFFIX and `render(report) -> str`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


def suffixes() -> dict[str, str]:
    """The format that a file's ending means, by the ending."""
    return {form.SUFFIX: name for name, form in formats().items()}


@cache
def formats() -> dict[str, ModuleType]:
    """Every format by name."""
    modules = (
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    )
    return {m.__name__.rpartition(".")[2]: m for m in modules if hasattr(m, "SUFFIX")}
