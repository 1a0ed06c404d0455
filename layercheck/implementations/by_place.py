"""A module's function whose arrays have other names than the op's, which are given by place, or
that takes attributes in other forms than cases have: True and False, two numbers always."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from layercheck.submissions.profiles.both import Both
from layercheck.submissions.profiles.switches import Switch, is_switch
from ref_layers import OPS, Op

from .enumerated import Enumerated, enumerated
from .followed import WRITTEN
from .spoken import in_forms, two_numbers_of

Function = Callable[..., Any]
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class ByPlace:
    """A function asked by the op's names. names: of the op's arrays, with its own · forms: of
    attributes that it gets in another form than cases have."""

    def __init__(
        self,
        op: Op,
        function: Function,
        names: Mapping[str, str],
        forms: Mapping[str, Both | Switch | Enumerated],
    ) -> None:
        self.written, self.names, self.forms = function, names, forms
        self.__name__ = getattr(function, "__name__", op.name)
        theirs = {own: name for name, own in names.items()}
        found = inspect.signature(function).parameters.values()
        keyword = inspect.Parameter.KEYWORD_ONLY
        self.__signature__ = inspect.Signature(
            [one.replace(name=theirs.get(one.name, one.name), kind=keyword) for one in found]
        )

    def __call__(self, **given: Any) -> Any:
        given = in_forms(given, self.forms)
        return self.written(**{self.names.get(name, name): value for name, value in given.items()})


@lru_cache(1024)
def by_place(op_name: str, function: Function) -> Function:
    """The function, or one that takes the op's names where its own first arguments, which have no
    default, are called otherwise, or attributes in forms of its own."""
    op = OPS[op_name]
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return function
    if not all(one.kind in NAMED for one in found.values()):
        return function
    usual, own = op.attributes, () if hasattr(function, WRITTEN) else found
    switched = [n for n in usual if n in own and is_switch(usual[n], *said(found[n]))]
    forms: dict[str, Both | Switch | Enumerated] = dict.fromkeys(switched, Switch())
    forms |= dict.fromkeys(two_numbers_of(op, function, {n: n for n in own}), Both())
    forms |= enumerated(function, {n: n for n in usual if n in own})
    names = names_by_place(op, found)
    return ByPlace(op, function, names, forms) if names or forms else function


def said(one: inspect.Parameter) -> tuple[Any, Any]:
    """The default of a parameter, and its annotation."""
    return one.default, one.annotation


def names_by_place(op: Op, found: Mapping[str, inspect.Parameter]) -> dict[str, str]:
    """The op's arrays with the names of arguments that stand in their places; none where they
    cannot be told."""
    known = (*op.inputs, *op.attributes)
    free = [n for n, one in found.items() if n not in known and one.default is one.empty]
    names = dict(zip((n for n in op.inputs if n not in found), free, strict=False))
    lacking = [n for n in op.inputs if n not in (*found, *names, *op.optional)]
    if not free or lacking or len(free) > len(names):
        return {}
    ordered = [names.get(name, name) for name in op.inputs if names.get(name, name) in found]
    in_order = ordered == [n for n in found if n in ordered]
    return names if in_order else {}
