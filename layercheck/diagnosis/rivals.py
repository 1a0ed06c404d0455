"""Other conditions that set apart the same cases: further ones tell which of them it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.row import row_of

from .contents import weights
from .predicate import Predicate
from .predicates import names_at, safe
from .sides import Sides
from .simpler import Change, changed

MOST = 8
"""How many cases are asked to tell a condition from its rivals."""

LOOKED_AT = 60
"""How many are looked at for these."""

ONE_NUMBER = "weights:3"
"""A fill of weights that are all alike."""

IMAGES = (("H", "W"), ("KH", "KW"))
"""Sizes that are the two sides of one thing."""

TURNED = 3
"""How many failing cases are asked the other way round."""

EACH = 3
"""How many cases are asked on either side, and where one half of a condition holds alone."""


def confirm(found: Predicate, sides: Sides) -> None:
    """Ask some further cases on either side; where it speaks of values, one of equal weights, at
    which weights in another order show nothing."""
    sides.is_turning = True
    for case in refilled(sides) if any(not part.of for part in found.parts) else ():
        sides.ask(case)
    sides.is_turning = False
    asked = {True: 0, False: 0}
    for case in sides.evidence.draws(20):
        inside = safe(found, names_at(case))
        if asked[inside] < EACH:
            asked[inside] += sides.ask(case) is not None


def tell_apart(found: Predicate, others: Sequence[Predicate], sides: Sides) -> None:
    """Ask where a condition and one that fits as well say different things."""
    left, asked = [one for one in others if one.text != found.text], 0
    for case in chain(sides.evidence.draws(LOOKED_AT), beyond([found, *left], sides)):
        if not left or asked == MOST:
            return
        names = names_at(case)
        here = safe(found, names)
        unlike = [one for one in left if safe(one, names) is not here]
        if unlike and sides.ask(case) is not None:
            asked += 1
            left = [one for one in left if one not in unlike]


def refilled(sides: Sides) -> Iterator[Case]:
    """A failing case whose weights are all one number, which is not 1: hardly any is drawn so."""
    for seen in sides.inside[:1]:
        if weights(seen.case):
            yield replace(seen.case, fill=ONE_NUMBER)


def beyond(found: Sequence[Predicate], sides: Sides) -> Iterator[Case]:
    """Cases well beyond the limits of what x holds: few are drawn."""
    for limit in (limit for one in found for limit in one.limits if limit.is_measured):
        for base in (*sides.inside[:1], *sides.outside[:1]):
            yield from limit.cases(base.case, limit.beyond)


def try_halves(found: Predicate, sides: Sides) -> None:
    """Ask where one half of a condition holds without the other."""
    for place in range(len(found.halves)):
        asked = 0
        for case in sides.evidence.draws(LOOKED_AT):
            if asked == EACH:
                break
            if is_alone(found, place, names_at(case)):
                asked += sides.ask(case) is not None


def is_alone(found: Predicate, place: int, names: dict[str, object]) -> bool:
    """Whether this half of a condition holds, and no other."""
    held = [safe(half, names) for half in found.halves]
    return held[place] and sum(held) == 1


def is_earned(found: Predicate, sides: Sides, fewest: int) -> bool:
    """Whether each half is needed: so many cases pass where it alone is lacking."""
    passing = [names_at(one.case) for one in sides.outside]
    return all(
        sum(is_alone(found, place, names) for names in passing) >= fewest
        for place in range(len(found.halves))
    )


def try_orders(found: Predicate, sides: Sides) -> None:
    """Ask failing cases with the two sides of what a condition speaks of the other way round: what
    is told of sides that differ has to be true of both orders."""
    of = {name for part in found.parts for name in part.of}
    bases = ((seen.case, change) for seen in list(sides.inside) for change in turned(seen.case, of))
    for case in [made for made in (changed(*base) for base in bases) if made is not None][:TURNED]:
        sides.ask(case)


def turned(case: Case, of: set[str]) -> Iterator[Change]:
    """Each attribute of two sides that differ with them exchanged, and so of an image's."""
    row = row_of(case)
    for name in sorted(of & row.keys()):
        value: Any = row[name]
        if isinstance(value, tuple) and len(value) == 2 and value[0] != value[1]:
            yield {name: value[::-1]}
    for one, other in IMAGES:
        if {one, other} <= of & row.keys() and row[one] != row[other]:
            yield {one: row[other], other: row[one]}
