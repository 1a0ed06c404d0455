"""The simplest condition that tells some cases from others: `stride > 1`, `training == false`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from .case import Case
from .text import value_text
from .where import Pair, names_of

Names = dict[str, Any]
SIZES = ("H", "W", "KH", "KW", "C", "F", "N")
LAST = ("dtype", "fill")
"""What says least about a function stands last."""

UNTOLD = ("seed", "op")


def separating(inside: Sequence[Case], outside: Sequence[Case]) -> str:
    """A condition that holds for all of the first cases and none of the second; empty if none
    of the simple ones does, or if there is nothing to tell apart."""
    if not inside or not outside:
        return ""
    yes, no = [names_of(case) for case in inside], [names_of(case) for case in outside]
    shared = [name for name in yes[0] if all(name in names for names in yes + no)]
    attributes = tuple(inside[0].all_attributes)
    ordered = sorted((n for n in shared if n not in UNTOLD), key=lambda n: rank(n, attributes))
    for name in ordered:
        told = next(conditions(name, [n[name] for n in yes], [n[name] for n in no]), "")
        if told:
            return told
    return next(between_sizes([n for n in SIZES if n in shared], yes, no), "")


def rank(name: str, attributes: Sequence[str]) -> int:
    """Attributes say most, then sizes and arrays."""
    if name in LAST:
        return 3
    if name in attributes:
        return 0
    return 1 if name.endswith(("_h", "_w")) else 2


def conditions(name: str, yes: Sequence[Any], no: Sequence[Any]) -> Iterator[str]:
    """Conditions on one name that separate its values."""
    values = list(dict.fromkeys(map(comparable, yes)))
    others = set(map(comparable, no))
    numbers = [v for v in (*yes, *no) if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if len(numbers) == len(yes) + len(no):
        if min(yes) > max(no):
            yield f"{name} > {value_text(max(no))}"
        if max(yes) < min(no):
            yield f"{name} < {value_text(min(no))}"
    if len(values) == 1 and values[0] not in others:
        yield equality(name, yes[0])
    if len(others) == 1 and not others & set(values):
        yield equality(name, no[0], "!=", "is not")


def equality(name: str, value: Any, sign: str = "==", identity: str = "is") -> str:
    """`training == false`, `b is none`."""
    if value is None:
        return f"{name} {identity} none"
    return f"{name} {sign} {value_text(value)}"


def comparable(value: Any) -> Any:
    """A value that can stand in a set: True is not 1 here."""
    return (type(value).__name__, tuple(value) if isinstance(value, Pair) else value)


def between_sizes(names: Sequence[str], yes: Sequence[Names], no: Sequence[Names]) -> Iterator[str]:
    """Conditions on two sizes: `H != W`."""
    for a, b in combinations(names, 2):
        inside, outside = {n[a] == n[b] for n in yes}, {n[a] == n[b] for n in no}
        if len(inside) == len(outside) == 1 and inside != outside:
            yield f"{a} {'==' if inside == {True} else '!='} {b}"
