"""Arguments that are left away: which may be, and what it means where that changes the answer."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from layercheck.cases.text import is_default
from layercheck.submissions.profiles.keywords import is_handed_on, reads_of
from layercheck.submissions.profiles.signatures import UNKNOWN, literal
from oracles.oracle import Question
from ref_layers import OPS

from .protocol import Failure
from .spoken import defined

Function = Callable[..., Any]
EMPTY = inspect.Parameter.empty


def left_away(names: str, found: str = "") -> Failure:
    """How a function failed that gives other values without arguments that are at their default;
    found: which value it has then, in words."""
    told = f"with {names} the answer is another one than with the default given"
    return Failure("default", f"{told}: {found}" if found else told)


def other_defaults(forward: Function, question: Question, names: Iterable[str]) -> str:
    """Which attributes have another default in the signature than the op has, in words."""
    given = parameters_of(forward) or {}
    pairs = ((n, given[n].default, question.attributes[n]) for n in names)
    told = (
        f"where it is left away {n} is {own}, not {usual}"
        for n, own, usual in pairs
        if own != usual
    )
    return ", ".join(told)


def optional_at_default(forward: Function, question: Question) -> list[str]:
    """The attributes that are at the op's default, and that the signature need not be given."""
    given, usual = parameters_of(forward) or {}, OPS[question.op].attributes
    optional = (n for n in question.attributes if n in given and given[n].default is not EMPTY)
    return [n for n in optional if is_default(question.attributes[n], usual[n])]


@lru_cache(1024)
def parameters_of(function: Function | None) -> dict[str, inspect.Parameter] | None:
    """The named parameters, and the settings that are read from `**kw`; None where any may be
    given, or nothing is known."""
    return looked_up(function)


def looked_up(function: Function | None) -> dict[str, inspect.Parameter] | None:
    """The same of anything that is called, which may be no key."""
    try:
        found = inspect.signature(function).parameters if function is not None else {}
    except (TypeError, ValueError):
        return None
    open_ended = any(p.kind is p.VAR_KEYWORD for p in found.values())
    if open_ended:
        return read_of(function, found)
    return None if function is None else dict(found)


def parameters_read(function: Function) -> Mapping[str, inspect.Parameter]:
    """The same with what takes any, where any may be given; raises TypeError or ValueError."""
    return looked_up(function) or inspect.signature(function).parameters


def read_of(
    function: Function | None, found: Mapping[str, inspect.Parameter]
) -> dict[str, inspect.Parameter] | None:
    """The parameters of a function that takes any keyword, where its text shows which it reads,
    and that it does nothing else with them."""
    said = defined(function)
    if said is None or is_handed_on(said[1]):
        return None
    read = list(reads_of(said[1]))
    named = {n: p for n, p in found.items() if p.kind is not p.VAR_KEYWORD}
    return {**named, **{one[0]: parameter(*one) for one in read}} if read else None


def parameter(name: str, default: ast.expr | None, is_optional: bool) -> inspect.Parameter:
    """A setting as a parameter."""
    value = literal(default) if default is not None else None
    usual = (None if value is UNKNOWN else value) if is_optional else EMPTY
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=usual)
