"""The Python interface: signature and docstring of each public name."""

from __future__ import annotations

import inspect
import re
from types import ModuleType
from typing import Any

from .markdown import docstring, fenced

INTRODUCTION = """# The Python interface, name by name

`import layercheck`; what it is for stands in [the Python interface](../api.md).
"""


def page(package: ModuleType) -> str:
    """Every public name, in the order of the alphabet."""
    every = (section(name, getattr(package, name)) for name in sorted(package.__all__))
    return "\n".join([INTRODUCTION, *every])


def section(name: str, thing: Any) -> str:
    """One name; of a class its public methods, too."""
    parts = [f"## {name}\n", told(name, thing)]
    if inspect.isclass(thing) and not issubclass(thing, Exception):
        own = {n: m for n, m in vars(thing).items() if not n.startswith("_") and callable(m)}
        parts += [f"### {name}.{n}\n\n{told(n, method)}" for n, method in own.items()]
    return "\n".join(parts)


def told(name: str, thing: Any) -> str:
    """Signature and docstring."""
    text = docstring(inspect.getdoc(thing) or "")
    if inspect.isclass(thing):
        return f"{text}\n"
    return f"{fenced(f'{name}{signature(thing)}', 'python')}\n{text}\n"


def signature(thing: Any) -> str:
    """As it is written: annotations that are texts without their quotes."""
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(thing)))
