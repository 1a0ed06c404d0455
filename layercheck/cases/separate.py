"""The simplest condition that tells some cases from others: `stride > 1`, `training == false`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

from .case import Case
from .text import value_text
from .where import Pair, names_of

Names = dict[str, Any]
Test = Callable[[Names], bool]
Told = tuple[str, Test]
"""A condition as text, and as what it says of a case's names."""

SIZES = ("H", "W", "KH", "KW", "C", "F", "N")
LAST = ("dtype", "fill")
"""What says least about a function stands last."""

MOSTLY = "dtype"
"""Of which the value that all failing cases have is told although some pass at it, as of a word."""

UNTOLD = ("seed", "op")


def separating(inside: Sequence[Case], outside: Sequence[Case]) -> str:
    """A condition that holds for all of the first cases and none of the second; empty if none
    of the simple ones does, or if there is nothing to tell apart."""
    if not inside or not outside:
        return ""
    yes, no = [names_of(case) for case in inside], [names_of(case) for case in outside]
    shared = [name for name in yes[0] if all(name in names for names in yes + no)]
    found = [
        told
        for name in in_order(shared, inside[0])
        for told in conditions(name, [n[name] for n in yes], [n[name] for n in no])
    ]
    pairs = combinations([n for n in SIZES if n in shared], 2)
    found += [told for pair in pairs for told in between_sizes(*pair)]
    return next(
        (text for text, test in found if all(map(test, yes)) and not any(map(test, no))), ""
    )


def in_order(names: Sequence[str], case: Case) -> list[str]:
    """Names by how much they say of a function."""
    attributes = tuple(case.all_attributes)
    parts = {n for n in names if len(n) == 1 and n.islower() and n.upper() in names}  # c of C
    told = (n for n in names if n not in UNTOLD and n not in parts)
    return sorted(told, key=lambda n: rank(n, attributes))


def rank(name: str, attributes: Sequence[str]) -> int:
    """Attributes say most, then sizes and arrays."""
    if name in LAST:
        return 3
    if name in attributes:
        return 0
    return 1 if name.endswith(("_h", "_w")) else 2


def conditions(name: str, yes: Sequence[Any], no: Sequence[Any]) -> Iterator[Told]:
    """Conditions on one name that hold for all of the first values: on numbers beyond some of the
    second, or on one value alone."""
    values = list(dict.fromkeys(map(comparable, yes)))
    others: dict[Any, Any] = {}
    for one in no:
        others.setdefault(comparable(one), one)
    numbers = [v for v in (*yes, *no) if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if set(map(comparable, yes)) == {comparable(0)} and values[0] not in others:
        yield f"{name} == 0", lambda n: n[name] == 0
    if no and len(numbers) == len(yes) + len(no):
        below = [v for v in no if v < min(yes)]
        above = [v for v in no if v > max(yes)]
        if below:
            yield f"{name} > {value_text(max(below))}", lambda n: n[name] > max(below)
        if above:
            yield f"{name} < {value_text(min(above))}", lambda n: n[name] < min(above)
    absent = comparable(None) in others  # an array that is there says so by its absence elsewhere
    mostly = name == MOSTLY or isinstance(yes[0], str)  # a mistake is hidden here and there
    if len(values) == 1 and (mostly or values[0] not in others) and not absent:
        value = values[0]
        yield equality(name, yes[0]), lambda n: comparable(n[name]) == value
    for other, one in others.items():
        if other not in values:
            yield (
                equality(name, one, "!=", "is not"),
                lambda n, other=other: comparable(n[name]) != other,  # type: ignore[misc]
            )


def equality(name: str, value: Any, sign: str = "==", identity: str = "is") -> str:
    """`training == false`, `b is none`."""
    if isinstance(value, bool) and sign == "!=":
        return equality(name, not value)
    if value is None:
        return f"{name} {identity} none"
    return f"{name} {sign} {value_text(value)}"


def comparable(value: Any) -> Any:
    """A value that can stand in a set: True is not 1 here."""
    return (type(value).__name__, tuple(value) if isinstance(value, Pair) else value)


def between_sizes(a: str, b: str) -> Iterator[Told]:
    """Conditions on two sizes: `H != W`."""
    yield f"{a} == {b}", lambda n: n[a] == n[b]
    yield f"{a} != {b}", lambda n: n[a] != n[b]
