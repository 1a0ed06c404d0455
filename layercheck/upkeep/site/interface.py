"""The Python interface: signature and docstring of each public name."""

from __future__ import annotations

import inspect
from typing import Any

import layercheck

from .markdown import docstring, fenced

INTRODUCTION = """# The Python interface, name by name

`import layercheck`; what it is for stands in [the Python interface](../api.md).
"""


def page() -> str:
    """Every public name, in the order of the alphabet."""
    return "\n".join([INTRODUCTION, *map(section, sorted(layercheck.__all__))])


def section(name: str) -> str:
    """One name; of a class its public methods, too."""
    thing = getattr(layercheck, name)
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
    return f"{fenced(f'{name}{inspect.signature(thing)}', 'python')}\n{text}\n"
