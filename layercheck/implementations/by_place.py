"""A module's function whose arrays have other names than the op's: they are given by place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ref_layers import OPS, Op

Function = Callable[..., Any]
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class ByPlace:
    """A function asked by the op's names. names: of the op's arrays, with its own."""

    def __init__(self, op: Op, function: Function, names: Mapping[str, str]) -> None:
        self.written, self.names = function, names
        self.__name__ = getattr(function, "__name__", op.name)
        theirs = {own: name for name, own in names.items()}
        found = inspect.signature(function).parameters.values()
        keyword = inspect.Parameter.KEYWORD_ONLY
        self.__signature__ = inspect.Signature(
            [one.replace(name=theirs.get(one.name, one.name), kind=keyword) for one in found]
        )

    def __call__(self, **given: Any) -> Any:
        return self.written(**{self.names.get(name, name): value for name, value in given.items()})


@lru_cache(1024)
def by_place(op_name: str, function: Function) -> Function:
    """The function, or one that takes the op's names where its own first arguments, which have no
    default, are called otherwise."""
    op = OPS[op_name]
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return function
    if not all(one.kind in NAMED for one in found.values()):
        return function
    known = (*op.inputs, *op.attributes)
    free = [n for n, one in found.items() if n not in known and one.default is one.empty]
    names = dict(zip((n for n in op.inputs if n not in found), free, strict=False))
    lacking = [n for n in op.inputs if n not in (*found, *names, *op.optional)]
    if not free or lacking or len(free) > len(names):
        return function
    ordered = [names.get(name, name) for name in op.inputs if names.get(name, name) in found]
    if ordered != [n for n in found if n in ordered]:  # they stand in another order than the op's
        return function
    return ByPlace(op, function, names)
