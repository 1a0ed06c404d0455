"""Of which library the arrays of a function are, as far as its text shows it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .. import frameworks
from .hints import NUMPY

Function = Callable[..., Any]

DEPTH = 3
"""How many helpers deep a text is followed."""


def library_of(function: Function) -> str:
    """Of which library the arrays of a function are: its module's, or one that its text names."""
    return next(named(function), NUMPY)


def named(function: Function) -> Iterator[str]:
    """The frameworks that the text of a function names, its own module first."""
    used = uses(function)
    roots = [str(getattr(written(function), "__module__", ""))]
    roots += [kind.__module__ for kind in kinds(function)]
    roots += [getattr(one, "__name__", "") for one in used if inspect.ismodule(one)]
    roots += [getattr(one, "__module__", None) or "" for one in used if callable(one)]
    known = frameworks.names()
    aliases = {"jaxlib": "jax", "keras": "tensorflow", **{name: name for name in known}}
    yield from filter(None, (aliases.get(root.partition(".")[0]) for root in roots))


def reached(function: Function, depth: int = DEPTH) -> Iterator[str]:
    """The frameworks that the helpers of a function name, and theirs."""
    for one in uses(function):
        if callable(one) and not isinstance(one, type):
            yield from named(one)
            yield from reached(one, depth - 1) if depth else ()


def uses(function: Function) -> list[Any]:
    """What the names of a function's text stand for, also those of the modules that it names, and
    what an object holds."""
    plain = written(function)
    names = getattr(getattr(plain, "__code__", None), "co_names", ())
    scope = getattr(plain, "__globals__", {})
    used = [scope[name] for name in names if name in scope]
    used += [cell.cell_contents for cell in getattr(plain, "__closure__", None) or ()]
    own = [one for one in used if inspect.ismodule(one) or isinstance(one, type)]
    used += [vars(one)[name] for one in own for name in names if name in vars(one)]
    held = getattr(function, "__dict__", {})
    return [*used, *(held[name] for name in names if name in held)]


def kinds(function: Any) -> Iterator[type]:
    """The types of a function and of all that it is wrapped around: `jax.jit` makes one of JAX."""
    while function is not None:
        yield type(function)
        inner = function.func if isinstance(function, partial) else None
        function = inner or getattr(function, "__wrapped__", None)


def written(function: Any) -> Any:
    """The function that somebody wrote, behind decorators, partial calls and objects."""
    while isinstance(function, partial):
        function = function.func
    plain = inspect.unwrap(function)
    own = [vars(kind).get("__call__") for kind in type(plain).__mro__]  # of an object
    return next(filter(inspect.isfunction, own), plain)
