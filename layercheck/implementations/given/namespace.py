"""A namespace, such as a notebook's `globals()`, read as a file that defines the same."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import FunctionType, ModuleType
from typing import Any

from layercheck.errors import UsageError

from .read_here import ReadModule, read

MAIN = "__main__"
NAME = "<namespace>"


def read_namespace(namespace: Mapping[str, Any]) -> ReadModule:
    """What a namespace defines; asked is what its names mean now."""
    module = ModuleType(NAME)
    vars(module).update({n: one for n, one in namespace.items() if not n.startswith("__")})
    return ReadModule(module, read("\n\n".join(texts_of(namespace)), NAME))


def defining(namespace: Mapping[str, Any]) -> ReadModule:
    """The same of a namespace that defines a layer; raises UsageError for another."""
    read_here = read_namespace(namespace)
    if not read_here.told.found:
        why = "".join(f"\n  {n}: {text}" for n, text in sorted(read_here.not_checked.items()))
        raise UsageError(
            "got a dict that defines no layer; expected a namespace such as globals(), with "
            f"functions that are called as an op or as an assignment calls them{why}"
        )
    return read_here


def texts_of(namespace: Mapping[str, Any]) -> Iterator[str]:
    """The text of each function and class that was defined there, the imports that they stand on,
    and the further names of each."""
    own = str(namespace.get("__name__", MAIN))
    told: set[int] = set()
    for name, value in list(namespace.items()):
        if isinstance(value, ModuleType):
            yield f"import {value.__name__} as {name}"
        elif not isinstance(value, (FunctionType, type)):
            continue
        elif value.__module__ != own:
            yield from imported(name, value)
        else:
            with suppress(OSError, TypeError, SyntaxError, StopIteration):
                text = text_of(value)
                yield from () if id(value) in told else (text,)
                told.add(id(value))
                yield from further(name, value.__name__)


def imported(name: str, value: FunctionType | type) -> Iterator[str]:
    """The import of a function or class that a name has from elsewhere."""
    if value.__qualname__.isidentifier():
        yield f"from {value.__module__} import {value.__qualname__} as {name}"


def further(name: str, own: str) -> Iterator[str]:
    """A second name of what has its own; a lambda's stands in its text."""
    if name != own and own.isidentifier() and not name.startswith("_"):
        yield f"{name} = {own}"


def text_of(value: FunctionType | type) -> str:
    """The text of one; raises OSError, TypeError, SyntaxError or StopIteration where there is none.
    That of a class in a notebook is found by its methods: no file has it."""
    if isinstance(value, FunctionType):
        return parsed(textwrap.dedent(inspect.getsource(value)))
    methods = (one for one in vars(value).values() if isinstance(one, FunctionType))
    lines, _ = inspect.findsource(next(methods))
    nodes = [node for node in ast.walk(ast.parse("".join(lines))) if isinstance(node, ast.ClassDef)]
    node = next(node for node in reversed(nodes) if node.name == value.__name__)
    first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
    return parsed(textwrap.dedent("".join(lines[first - 1 : node.end_lineno])))


def parsed(text: str) -> str:
    """The text; raises SyntaxError where it stands for nothing by itself."""
    ast.parse(text)
    return text
