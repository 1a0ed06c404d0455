"""Who says what is right: frameworks, a sparse matrix and the exact result.

An oracle is a file `<name>_oracle.py` with one function an op; the file, and the framework with
it, is imported when the oracle is first asked.

>>> {"torch", "tensorflow"} <= set(names())
True
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import cast

from .oracle import Answer, Omitted, Oracle, Question, Unsupported

_SUFFIX = "_oracle"

ESTABLISHED = ("torch", "tensorflow")
"""Who is asked where nobody else is named, and whose answers are recorded."""


def names() -> list[str]:
    """The framework oracles there are, whether or not their framework is installed."""
    modules = (module.name for module in pkgutil.iter_modules(__path__))
    return [name.removesuffix(_SUFFIX) for name in modules if name.endswith(_SUFFIX)]


def load(name: str) -> Oracle:
    """Import an oracle and its framework; raises ImportError where that is not installed."""
    return cast(Oracle, importlib.import_module(f"{__name__}.{name}{_SUFFIX}"))


__all__ = [
    "ESTABLISHED",
    "Answer",
    "Omitted",
    "Oracle",
    "Question",
    "Unsupported",
    "load",
    "names",
]
