"""The number of a condition such as `kernel_size > 3`: cases between the values that were tried."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import sqrt
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.row import row_of

from .evidence import Evidence, Seen
from .predicates import Predicate, names_at
from .simpler import changed

THRESHOLD = re.compile(r"(\w+) [<>] \S+")
"""A condition that has a number."""

HALVED = 10
"""How often the values between the last that passes and the first that fails are halved."""

BASES = 4
"""How many cases are tried with the value in the middle, until one can be asked."""


def between(
    found: Predicate, evidence: Evidence, failing: Sequence[Seen], passing: Sequence[Seen]
) -> list[Seen]:
    """Further cases with values between the largest that passes and the smallest that fails (of
    `<` the other way round), halved until nothing lies between them; none where the condition has
    no number, or no case has such a value."""
    match = THRESHOLD.fullmatch(found.text)
    ends = None if match is None else ends_of(match[1], failing, passing)
    if match is None or ends is None:
        return []
    asked: list[Seen] = []
    fails, passes = ends
    bases = [*failing[:BASES], *passing[:BASES]]
    for _ in range(HALVED):
        middle = middle_of(fails, passes)
        seen = None if middle is None else first(evidence, at(bases, match[1], middle))
        if middle is None or seen is None:
            return asked
        asked.append(seen)
        fails, passes = (middle, passes) if seen.failing else (fails, middle)
    return asked


def ends_of(
    name: str, failing: Sequence[Seen], passing: Sequence[Seen]
) -> tuple[float, float] | None:
    """The value of a failing and of a passing case that are next to each other."""
    inside, outside = ([names_at(s.case)[name] for s in side] for side in (failing, passing))
    pairs = [(one, other) for one in inside for other in outside]
    return min(pairs, key=lambda pair: abs(pair[0] - pair[1]), default=None)


def middle_of(one: float, other: float) -> float | None:
    """A value between two; None where there is no whole number between two of them. Of numbers of
    unlike size it is as many times the smaller as the larger is of it."""
    low, high = sorted((one, other))
    if isinstance(one, int) and isinstance(other, int):
        return (low + high) // 2 if high - low > 1 else None
    return sqrt(low * high) if 0 < 10 * low < high else (low + high) / 2


def at(bases: Iterable[Seen], name: str, value: float) -> Iterator[Case]:
    """The cases with another value of a size or an attribute, as far as there are such."""
    for base in bases:
        for change in changes(row_of(base.case), name, value):
            made = changed(base.case, change)
            if made is not None and names_at(made).get(name) == value:
                yield made


def changes(row: dict[str, Any], name: str, value: float) -> Iterator[dict[str, Any]]:
    """What has to be changed in a row: `kernel_size_h` is one of a pair."""
    if name in row:
        yield {name: value}
    stem, _, side = name.rpartition("_")
    if side in ("h", "w") and stem in row:
        now = row[stem]
        h, w = now if isinstance(now, tuple) else (now, now)
        yield {stem: (value, w) if side == "h" else (h, value)}
        yield {stem: value}


def first(evidence: Evidence, cases: Iterable[Case]) -> Seen | None:
    """The first of some cases that the function takes and answers."""
    for case in cases:
        if not evidence.layer.refuses(case) and evidence.is_wanted(case):
            seen = evidence.ask_once(case)
            if seen is not None and not seen.silent:
                return seen
    return None
