"""Where a function is written: file and line, for outputs that point there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from layercheck.implementations.layer import Layer
from layercheck.implementations.module import Module

from .subject import Subject

Place = tuple[str, int]
NOWHERE: Place = ("", 0)


def where_written(subject: Subject, layer: Layer, name: str) -> Place:
    """The file and the line of a function's definition; ("", 0) where that is not known."""
    if isinstance(layer.implementation, Module):
        return of_function(layer.implementation, layer, name)
    if subject.is_given or subject.is_oracle or not subject.name.endswith(".py"):
        return NOWHERE
    return of_text(subject, name)


def of_function(module: Module, layer: Layer, name: str) -> Place:
    """Of a function in this process."""
    forward, backward = module.functions(layer.op)
    found = backward if name == layer.backward != layer.forward else forward
    written = inspect.unwrap(found) if found is not None else None
    if not inspect.isfunction(written):
        return NOWHERE
    return written.__code__.co_filename, written.__code__.co_firstlineno


def of_text(subject: Subject, name: str) -> Place:
    """Of a submitted file, which is never run or parsed here: the line that looks like it."""
    own = name.rpartition(".")[2] if "." in name else name
    pattern = re.compile(rf"\s*(?:async\s+)?(?:def|class)\s+{re.escape(own)}\b")
    kind = re.compile(rf"\s*class\s+{re.escape(name.partition('.')[0])}\b")
    lines = subject.text.decode("utf-8", "replace").splitlines()
    first = next((n for n, text in enumerate(lines) if kind.match(text)), 0) if "." in name else 0
    line = next((n for n, text in enumerate(lines[first:], first + 1) if pattern.match(text)), 0)
    return (str(Path(subject.name)), line) if line else NOWHERE
