"""Attributes that a partial call has bound: they stay what they are, and no case varies them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from layercheck.cases.space import space_of
from layercheck.errors import UsageError
from layercheck.submissions.profiles.names import names_of
from layercheck.submissions.profiles.switches import OFF
from ref_layers import Op

from .settings import plain


def bound_names(function: Callable[..., Any]) -> dict[str, Any]:
    """What partial calls have bound by name or by place, the outermost first."""
    held: dict[str, Any] = {}
    while isinstance(function, partial):
        held = {**by_place(function), **function.keywords, **held}
        function = function.func
    return held


def by_place(function: partial[Any]) -> dict[str, Any]:
    """What a partial call has bound by place, by the names of its function."""
    try:
        names = list(inspect.signature(function.func).parameters)
    except (TypeError, ValueError):
        return {}
    return dict(zip(names, function.args, strict=False))


def bound(op: Op, function: Callable[..., Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The same by the op's attributes, as cases have their values."""
    held = bound_names(function)
    known = {n: (names[n],) if n in names else names_of(op.name, n) for n in op.attributes}
    own = {name: next((n for n in some if n in held), "") for name, some in known.items()}
    return {name: as_cases_have(op, name, held[n]) for name, n in own.items() if n}


def check_followed(op: Op, function: Callable[..., Any], names: Mapping[str, str]) -> None:
    """Raise UsageError where a partial call has bound a dictionary of settings: no case would
    follow it, and none says what is in it."""
    known = {*op.inputs, *op.attributes, *names.values()}
    for name, value in bound_names(function).items():
        if isinstance(value, dict) and name not in known:
            raise UsageError(
                f"got a partial call with {name}={value!r}, settings that no case of {op.name} "
                f"follows; expected the function itself, or one of {op.name}'s own arguments, or "
                "hints={'fixed': {...}} that say what they are"
            )


def as_cases_have(op: Op, name: str, value: Any) -> Any:
    """A bound value as an attribute's: of words of which one is `none`, True is the other one."""
    words = [level for level in space_of(op.name).factors.get(name, ()) if level != OFF]
    if isinstance(value, bool) and op.attributes[name] == OFF and len(words) == 1:
        return words[0] if value else OFF
    return plain(value)


def bound_text(values: Mapping[str, Any]) -> str:
    """`negative_slope=0.2`"""
    return ", ".join(f"{name}={value}" for name, value in values.items())
