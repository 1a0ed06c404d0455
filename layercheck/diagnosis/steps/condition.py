"""Where a function fails: the simplest condition that sets its failing cases apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from layercheck.reporting.records import Diagnosis
from layercheck.reporting.words import many

from ..edge import look
from ..evidence import Evidence, Seen
from ..predicates import LEAST_TELLING, Names, Predicate, both, names_at, predicates, safe
from ..rivals import confirm, is_earned, tell_apart, try_halves
from ..sides import FEWEST, Sides

RANK = 10
LEAST = "condition"

MOSTLY = 8
"""How many failing cases there have to be for each passing one where a condition holds, too."""

ROUNDS = 6
"""How often a condition is looked for again, with what contradicted it or tells its number."""


def explain(evidence: Evidence) -> Diagnosis | None:
    """The condition of the function, else that of one of its arrays, confirmed by further cases;
    None where it fails everywhere, or none fits, or earlier calls decide."""
    if evidence.alone is not None:
        return None
    for array in subjects(evidence):
        sides = Sides(evidence, array)
        found = condition_of(sides)
        if found is not None:
            return told(found, sides)
    return None


def subjects(evidence: Evidence) -> Iterator[str]:
    """All arrays together, and each of several that do not fail in the same cases."""
    yield ""
    names = dict.fromkeys(name for seen in evidence.failing for name in seen.failing if name)
    for name in names:
        if any(name not in seen.failing for seen in evidence.failing):
            yield name


def condition_of(sides: Sides) -> Predicate | None:
    """The condition that stands after what could contradict it was asked."""
    sides.fill()
    if not sides.are_many:
        return None
    unearned: set[str] = set()
    found = simplest(sides, unearned)
    for _ in range(ROUNDS):
        if found is None:
            return None
        confirm(found, sides)
        tell_apart(found, fitting(sides), sides)
        try_halves(found, sides)
        look(found, sides)
        if not is_earned(found, sides, FEWEST):
            unearned.add(found.text)
        again = simplest(sides, unearned)
        if again is not None and again.text == found.text:
            return again
        found = again
    return None


def names(seen: Sequence[Seen]) -> list[Names]:
    """What may be asked of each case."""
    return [names_at(one.case) for one in seen]


def fitting(sides: Sides) -> list[Predicate]:
    """Every single predicate that holds for all that fails and for nothing else."""
    inside, outside = names(sides.inside), names(sides.outside)
    return [p for p in predicates(inside, outside) if not any(safe(p, n) for n in outside)]


def simplest(sides: Sides, unearned: set[str]) -> Predicate | None:
    """One predicate that holds for all that fails and for nothing else, or two together."""
    inside, outside = names(sides.inside), names(sides.outside)
    every = predicates(inside, outside)
    known = [p for p in every if not any(limit.key in sides.blurred for limit in p.limits)]
    left = {id(p): {i for i, n in enumerate(outside) if safe(p, n)} for p in known}
    for predicate in known:
        if not left[id(predicate)] and (predicate.rank < LEAST_TELLING or len(inside) > MOSTLY):
            return predicate
    for predicate in known:
        covered = left[id(predicate)]
        rest = len(outside) - len(covered)
        telling = predicate.rank < LEAST_TELLING and rest >= FEWEST
        telling = telling and not any(limit.is_measured for limit in predicate.limits)
        if telling and len(covered) * MOSTLY <= len(inside):
            return replace(predicate, is_exact=False)
    useful = [p for p in known if len(left[id(p)]) < len(outside) and p.rank < LEAST_TELLING]
    for one, other in sorted(combinations(useful, 2), key=lambda pair: pair[0].rank + pair[1].rank):
        if not left[id(one)] & left[id(other)]:
            together = both(one, other)
            if together.text not in unearned:
                return together
    return None


def told(found: Predicate, sides: Sides) -> Diagnosis:
    """The condition with its counts: of the cases of the grid where it is exact, else of all."""
    of_grid = {id(seen) for seen in sides.evidence.seen}
    kept = [s for s in (*sides.inside, *sides.outside) if id(s) in of_grid or not found.is_exact]
    failing = [seen for seen in kept if sides.fails(seen)]
    passing = [seen for seen in kept if not sides.fails(seen)]
    odd = sum(safe(found, names_at(seen.case)) for seen in passing)
    share = f"all {many(len(failing), 'case')}" if len(failing) > 1 else "the one case"
    if odd:
        share = f"{len(failing)} of {many(len(failing) + odd, 'case')}"
    rest = f"the other {len(passing) - odd}"
    if len(passing) - odd == 1:
        rest = "the other one"
    text = f"fails in {share} where {found.text}, passes in {rest}"
    arrays = [sides.array] if sides.array else all_failing(failing)
    text = f"{sides.array} {text}" if sides.array else text
    return Diagnosis("condition", text, "", [], arrays, len(failing), len(passing), sides.drawn)


def all_failing(failing: Sequence[Seen]) -> list[str]:
    """The arrays that fail somewhere."""
    return list(dict.fromkeys(name for seen in failing for name in seen.failing if name))
