"""Where a function fails: the simplest condition that sets its failing cases apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from layercheck.reporting.records import Diagnosis
from layercheck.reporting.words import many
from ref_layers import OPS

from ..edge import look
from ..evidence import Evidence, Seen
from ..flips import flip
from ..predicate import Names, Predicate
from ..predicates import LEAST_TELLING, both, names_at, predicates, safe
from ..rivals import confirm, is_earned, tell_apart, try_halves, try_orders
from ..sides import FEWEST, Sides

RANK = 10
LEAST = "condition"

MOSTLY = 8
"""How many failing cases there have to be for each passing one where a condition holds, too."""

FEW, FEW_OF_NUMBERS = 2, 4
"""The same where cases were changed until they pass; of a condition with a number, which may stand
a little off."""

FINER = 4
"""How many times fewer cases pass under two conditions than under one, if the second is told."""

ROUNDS = 10
"""How often a condition is looked for again, with what contradicted it or tells its number."""


WIDE, ROUNDED_AWAY = "dtype == float64", " (float32 rounds by more than the error)"
"""A condition that an error too small for float32 makes, and what is told of it."""

REFINED = 2
"""How many second halves are tried for a condition under which a few cases pass."""


def explain(evidence: Evidence) -> Diagnosis | None:
    """The condition of the function, else that of one of its arrays, confirmed by further cases;
    None where it fails everywhere, or none fits, or earlier calls decide."""
    if evidence.alone is not None:
        return None
    for given in dict.fromkeys([(), needed(evidence)]):
        for array in subjects(evidence):
            sides = Sides(evidence, array, given)
            found = condition_of(sides)
            if found is not None and all(set(given) <= s.case.shapes.keys() for s in sides.inside):
                return told(found, sides)
    return None


def needed(evidence: Evidence) -> tuple[str, ...]:
    """The optional inputs that all failing cases have and some passing ones have not: a mistake in
    what is done with one shows where it is given."""
    return tuple(
        name
        for name in OPS[evidence.op].optional
        if all(name in seen.case.shapes for seen in evidence.failing)
        and any(name not in seen.case.shapes for seen in evidence.passing)
    )


def subjects(evidence: Evidence) -> Iterator[str]:
    """All arrays together, and each that does not fail with all of them, or that some passing cases
    have not: those say nothing of it."""
    yield ""
    names = dict.fromkeys(name for seen in evidence.failing for name in seen.failing if name)
    for name in names:
        unlike = any(name not in seen.failing for seen in evidence.failing)
        if unlike or any(name not in seen.judged for seen in evidence.passing):
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
        question(found, sides)
        again = simplest(sides, unearned)
        if again is None or again.text != found.text:
            found = again
        elif flip(found, sides) and is_earned(found, sides, FEWEST) and not is_vague(found):
            again = simplest(sides, unearned)
            if again is not None and again.text == found.text:
                return again
            found = again
        else:
            found = next_best(found, sides, unearned)
    return None


def question(found: Predicate, sides: Sides) -> None:
    """Ask where it holds and where not, what else would fit, and at its limits."""
    sides.is_turning = False
    confirm(found, sides)
    try_orders(found, sides)
    sides.is_turning = True
    tell_apart(found, fitting(sides), sides)
    try_halves(found, sides)
    look(found, sides)


def is_vague(found: Predicate) -> bool:
    """Whether a number of it is hardly known."""
    return any(limit.is_vague for limit in found.limits)


def next_best(found: Predicate, sides: Sides, unearned: set[str]) -> Predicate | None:
    """What fits as well, where a condition does not stand."""
    again = simplest(sides, unearned)
    if again is not None and again.text == found.text:
        unearned.add(found.text)
        again = simplest(sides, unearned)
    return again


def names(seen: Sequence[Seen]) -> list[Names]:
    """What may be asked of each case."""
    return [names_at(one.case) for one in seen]


def fitting(sides: Sides) -> list[Predicate]:
    """Every single predicate that holds for all that fails and for nothing else."""
    inside, outside = names(sides.inside), names(sides.outside)
    return [p for p in predicates(inside, outside) if not any(safe(p, n) for n in outside)]


def known_to_hold(sides: Sides) -> list[Predicate]:
    """Every single predicate that holds for all that fails, with no number that rounding makes;
    none where there are too few cases on a side."""
    every = predicates(names(sides.inside), names(sides.outside)) if sides.are_many else ()
    return [p for p in every if not any(limit.key in sides.blurred for limit in p.limits)]


def simplest(sides: Sides, unearned: set[str]) -> Predicate | None:
    """One predicate that holds for all that fails and for nothing else, or two together."""
    inside, outside = names(sides.inside), names(sides.outside)
    known = [p for p in known_to_hold(sides) if p.text not in unearned]
    left = {id(p): {i for i, n in enumerate(outside) if safe(p, n)} for p in known}
    for predicate in known:
        if not left[id(predicate)] and (predicate.rank < LEAST_TELLING or len(inside) > MOSTLY):
            return predicate
    odd = {i for i, seen in enumerate(sides.outside) if sides.is_odd(seen)}

    def is_rare(covered: set[int], *of: Predicate) -> bool:
        """Whether hardly a case passes of those that were not changed until they do."""
        few = (FEW_OF_NUMBERS if any(p.limits for p in of) else FEW) * len(covered) <= len(inside)
        few &= all(is_word(p, inside[0]) for p in of) or len(covered & odd) * MOSTLY <= len(inside)
        return few and len(outside) - len(covered) >= FEWEST

    rare = [p for p in known if is_telling(p) and is_rare(left[id(p)])]
    mostly = min(rare, key=lambda p: (len(left[id(p)]), p.rank), default=None)
    useful = [p for p in known if len(left[id(p)]) < len(outside) and p.rank < LEAST_TELLING]
    values = {both(*two, inside, outside): two for two in between_limits(useful)}
    left |= {id(value): left[id(one)] & left[id(other)] for value, (one, other) in values.items()}
    useful += values
    pairs = list(combinations(useful, 2))
    if mostly is not None:
        tried = sum(text.startswith(f"{mostly.text} and ") for text in unearned)
        one_of = [mostly] * (tried < REFINED) + [*values]
        pairs = [(first, one) for first in one_of for one in useful if one is not first]
    fewest = len(outside) if mostly is None else len(left[id(mostly)]) // FINER
    pairs.sort(key=lambda p: (len(left[id(p[0])] & left[id(p[1])]), *order(*p)))
    for one, other in pairs:
        covered = left[id(one)] & left[id(other)]
        if covered and not (len(covered) <= fewest and is_rare(covered, one, other)):
            continue
        together = both(one, other, inside, outside)
        if together.text not in unearned:
            return replace(together, is_exact=not covered)
    if mostly is None or not is_rare(left[id(mostly)], mostly):
        return None
    return replace(mostly, is_exact=False)


def order(one: Predicate, other: Predicate) -> tuple[int, bool]:
    """By what two conditions that fit come first: simple ones, and those that say more of the same
    sizes."""
    return one.rank + other.rank, not set(one.of) & set(other.of)


def between_limits(known: Sequence[Predicate]) -> list[tuple[Predicate, Predicate]]:
    """Two limits that leave one whole number between them: `N > 2` and `N < 4`."""
    whole = [p for p in known if len(p.limits) == 1 and p.limits[0].is_whole and p.of]
    pairs = [(a, b) for a, b in combinations(whole, 2) if a.of == b.of]
    return [(a, b) for a, b in pairs if " == " in both(a, b).text]


def is_telling(predicate: Predicate) -> bool:
    """Whether it says something although a few cases pass where it holds."""
    measured = any(limit.is_measured for limit in predicate.limits)
    return predicate.rank < LEAST_TELLING and not measured


def is_word(predicate: Predicate, names: Names) -> bool:
    """Whether it is that a setting is one word, `mode == nearest`: most of its cases fail, and all
    at another one pass."""
    spec = names["case"].spec
    return predicate.name in spec.attributes and isinstance(names[predicate.name], str)


def told(found: Predicate, sides: Sides) -> Diagnosis:
    """The condition with its counts: of the cases of the grid where it is exact, else of all, less
    those that were changed so that they pass, if that leaves one."""
    of_grid = {id(seen) for seen in sides.evidence.seen}
    every = [*sides.inside, *sides.outside, *sides.without, *sides.hidden]
    kept = [seen for seen in every if id(seen) in of_grid or not found.is_exact]
    plain = [seen for seen in kept if sides.is_odd(seen)]
    left = {id(seen) for seen in sides.without}

    def holds(seen: Seen) -> bool:
        return id(seen) not in left and safe(found, names_at(seen.case))

    if any(not sides.fails(seen) and holds(seen) for seen in plain):
        kept = plain
    failing = [seen for seen in kept if sides.fails(seen)]
    passing = [seen for seen in kept if not sides.fails(seen)]
    odd = sum(holds(seen) for seen in passing)
    share = f"all {many(len(failing), 'case')}" if len(failing) > 1 else "the one case"
    if odd:
        share = f"{len(failing)} of {many(len(failing) + odd, 'case')}"
    rest = f"the other {len(passing) - odd}"
    if len(passing) - odd == 1:
        rest = "the other one"
    hidden = ROUNDED_AWAY if found.text == WIDE and is_small(failing) else ""
    where = " and ".join([*(f"{name} is given" for name in sides.given), found.text])
    where += "".join(f" (in {sides.only[n.key]})" for n in found.limits if n.key in sides.only)
    text = f"fails in {share} where {where}{hidden}, passes in {rest}"
    arrays = [sides.array] if sides.array else all_failing(failing)
    text = f"{sides.array} {text}" if sides.array else text
    return Diagnosis("condition", text, "", [], arrays, len(failing), len(passing), sides.drawn)


def is_small(failing: Sequence[Seen]) -> bool:
    """Whether float32 would round by more than every error that there is in float64."""
    room = float(np.finfo(np.float32).eps / np.finfo(np.float64).eps)
    for seen in failing:
        for name in seen.failing:
            got, right = seen.array(name), seen.truth.get(name)
            if got is None or right is None or got.shape != right.shape:
                return False
            error = abs(got.astype(np.float64) - right.astype(np.float64))
            if not (error <= room * seen.facts.bounds[name].limit).all():
                return False
    return True


def all_failing(failing: Sequence[Seen]) -> list[str]:
    """The arrays that fail somewhere."""
    return list(dict.fromkeys(name for seen in failing for name in seen.failing if name))
