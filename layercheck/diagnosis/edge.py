"""The number of a condition such as `kernel_size > 3`: cases between the values that were tried,
and cases on both of its sides that differ in nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from math import inf, sqrt

import numpy as np

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.row import row_of

from .elements import shares_of
from .evidence import Seen
from .limits import Limit, changes
from .measures import rounded
from .predicate import Predicate
from .predicates import names_at, safe
from .sides import Sides
from .simpler import changed

HALVED = 14
"""How often the values between the last that passes and the first that fails are halved."""

BASES = 4
"""How many cases are tried with the value in the middle, until one can be asked."""

FINEST = "float64"

SHARP = 50
"""How many times its limit of rounding the error is, at least, just beyond a number that the
function knows."""

TURNED = 2
"""How many cases of each side are asked on the other side of a limit, too."""


def look(found: Predicate, sides: Sides) -> None:
    """Ask on and between the two sides of each limit of a condition."""
    for limit in found.limits:
        rest = [one for one in found.parts if limit not in one.limits]
        narrowed = between(limit, rest, sides)
        if limit.is_measured:
            turn(narrowed, rest, sides)
            if not widen(narrowed, sides):
                blur(narrowed, sides)
    for part in found.parts:
        if part.name:
            turn_name(part, [one for one in found.parts if one is not part], sides)


def nearest(limit: Limit, value: float, among: Iterable[Seen]) -> list[Seen]:
    """The cases whose value is nearest to one, first."""
    known = ((limit.of(names_at(seen.case)), seen) for seen in among)
    far = [(abs(here - value), seen) for here, seen in known if here is not None]
    return [seen for _, seen in sorted(far, key=lambda pair: pair[0])]


def widen(limit: Limit, sides: Sides) -> bool:
    """Ask what passes beside a limit in the other dtype, too: it may have passed for the reach of
    float64, or for want of digits in float32, which then says nothing beyond the limit: whether it
    is so. Where the other cannot be asked, the limit is one of this dtype."""
    for seen in nearest(limit, limit.passes, sides.outside)[:TURNED]:
        for dtype in (one for one in DTYPES[:2] if one != seen.case.dtype):
            other = sides.ask(replace(seen.case, dtype=dtype))
            if other is None and limit.of(names_at(seen.case)) == limit.passes:
                sides.only[limit.key] = seen.case.dtype
            if other is not None and dtype == FINEST and sides.fails(other):
                sides.hide(beyond(limit, seen.case.dtype))
                return True
    return False


def beyond(limit: Limit, *dtypes: str) -> Callable[[Case], bool]:
    """The cases of these dtypes on the side of a limit that passes, which has no number but by
    rounding."""

    def is_beyond(case: Case) -> bool:
        value = limit.of(names_at(case)) if case.dtype in dtypes else None
        return value is not None and not limit.holds(names_at(case))

    return is_beyond


def blur(limit: Limit, sides: Sides) -> None:
    """Note a limit at which the error only grows out of what rounding leaves: the function knows no
    such number, and what passes beyond it, in this dtype or a coarser one, says nothing."""
    for seen in nearest(limit, limit.fails, sides.inside)[:1]:
        if share(seen, sides) < SHARP:
            sides.blurred.add(limit.key)
            sides.hide(beyond(limit, *{seen.case.dtype, DTYPES[0]}))


def share(seen: Seen, sides: Sides) -> float:
    """How much of its limit the worst failing array used."""
    arrays = [sides.array] if sides.array else list(seen.failing)
    found = [0.0]
    for name in arrays:
        got, right = seen.array(name), seen.truth.get(name)
        if got is None or right is None or got.shape != right.shape:
            return inf
        bound = seen.facts.bounds[name].limit
        found.append(
            float(shares_of(got.astype(np.float64), right.astype(np.float64), bound).max(initial=0))
        )
    return max(found)


def turn_name(part: Predicate, rest: list[Predicate], sides: Sides) -> None:
    """Failing cases with the attribute or size that passing ones have, and the other way round."""
    inside, outside = within(rest, sides.inside), within(rest, sides.outside)
    for bases, others in ((inside, outside), (outside, inside)):
        here = [names_at(one.case) for one in others]
        values = dict.fromkeys(
            n[part.name] for n in here if part.name in n and safe(part, n) is (others is inside)
        )
        for base in list(bases[:TURNED]):
            for value in list(values)[:TURNED]:
                for change in changes(row_of(base.case), part.name, value):
                    made = changed(base.case, change)
                    if made is not None and all(safe(half, names_at(made)) for half in rest):
                        sides.ask(made)
                        break


def within(rest: Iterable[Predicate], seen: Iterable[Seen]) -> list[Seen]:
    """The cases at which the other half of a condition holds, as alone these tell."""
    return [one for one in seen if all(safe(half, names_at(one.case)) for half in rest)]


def between(limit: Limit, rest: list[Predicate], sides: Sides) -> Limit:
    """The limit, halved until nothing lies between a value that fails and one that passes, or no
    case has such a value."""
    bases = [*within(rest, sides.inside)[:BASES], *within(rest, sides.outside)[:BASES]]
    for _ in range(HALVED):
        middle = None if limit.is_found else middle_of(limit)
        seen = None if middle is None else first(limit, middle, bases, rest, sides)
        value = None if seen is None else limit.of(names_at(seen.case))
        if seen is None or value is None:
            return limit
        fails = sides.fails(seen)
        limit = replace(limit, fails=value) if fails else replace(limit, passes=value)
    return limit


def middle_of(limit: Limit) -> float | None:
    """A value between two; None where there is no whole number between two of them. Of numbers of
    unlike size it is as many times the smaller as the larger is of it."""
    low, high = sorted((limit.passes, limit.fails))
    if limit.is_whole:
        return (int(low) + int(high)) // 2 if high - low > 1 else None
    if 0 < 10 * low < high:
        return sqrt(low * high)
    return -sqrt(low * high) if 10 * high < low < 0 else (low + high) / 2


def first(
    limit: Limit, value: float, bases: list[Seen], rest: list[Predicate], sides: Sides
) -> Seen | None:
    """The first case with a value between the two that the function takes and answers."""
    low, high = sorted((limit.passes, limit.fails))
    for case in at(bases, limit, value, rest):
        found = limit.of(names_at(case))
        if found is not None and low < found < high:
            seen = sides.ask(case)
            if seen is not None:
                return seen
    return None


def at(bases: Iterable[Seen], limit: Limit, value: float, rest: list[Predicate]) -> Iterator[Case]:
    """The cases with about another value, as far as there are such; of an attribute in float64,
    which shows smaller errors."""
    for base in bases:
        fine = base.case if limit.is_measured else replace(base.case, dtype="float64")
        for case in limit.cases(fine, value):
            if all(safe(half, names_at(case)) for half in rest):
                yield case


def turn(limit: Limit, rest: list[Predicate], sides: Sides) -> None:
    """Failing cases with a value that should pass, and passing ones with one that should fail; one
    such number among others, where all numbers are spoken of."""
    inside, outside = within(rest, sides.inside), within(rest, sides.outside)
    for bases, value in ((inside, limit.passes), (outside, limit.fails)):
        for base in list(bases[:TURNED]):
            for case in at([base], limit, value, rest):
                sides.ask(case)
    for base in inside[:TURNED] if limit.of_all else ():
        sides.ask(replace(base.case, fill=f"some:{rounded(limit.passes)!r}"))
