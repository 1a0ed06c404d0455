"""Where a function fails: the simplest condition that sets its failing cases apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from layercheck.reporting.records import Diagnosis
from layercheck.reporting.words import many

from ..edge import between
from ..evidence import Evidence, Seen
from ..predicates import LEAST_TELLING, Names, Predicate, names_at, predicates, safe

RANK = 10
LEAST = "condition"

ASKED = 6
"""How many further cases have to bear a condition out."""

FEWEST = 2
"""How many cases there have to be on each side."""

MOSTLY = 8
"""How many failing cases there have to be for each passing one where a condition holds, too."""

ROUNDS = 5
"""How often a condition is looked for again, with what contradicted it or tells its number."""


def explain(evidence: Evidence) -> Diagnosis | None:
    """The condition, confirmed by further cases; None where it fails everywhere, or none fits."""
    failing, passing = [*evidence.failing, *evidence.more], list(evidence.passing)
    if len(evidence.failing) < FEWEST or len(passing) < FEWEST:
        return None
    halved: set[str] = set()
    for _ in range(ROUNDS):
        found = simplest(names(failing), names(passing))
        if found is None:
            return None
        contrary, drawn = confirm(found, evidence)
        about = found.text.partition(" ")[0]
        further = contrary
        if not contrary and about not in halved:
            further = between(found, evidence, failing, passing)
            halved.add(about)
        if not further:
            return told(found, evidence.failing, evidence.passing, drawn)
        failing += [seen for seen in further if seen.failing]
        passing += [seen for seen in further if not seen.failing]
    return None


def names(seen: Sequence[Seen]) -> list[Names]:
    """What may be asked of each case."""
    return [names_at(one.case) for one in seen]


def simplest(inside: Sequence[Names], outside: Sequence[Names]) -> Predicate | None:
    """One predicate that holds for all of the first and none of the second, or two together."""
    known = list(predicates(inside, outside))
    left = {id(p): {i for i, n in enumerate(outside) if safe(p, n)} for p in known}
    for predicate in known:
        if not left[id(predicate)] and (predicate.rank < LEAST_TELLING or len(inside) > MOSTLY):
            return predicate
    for predicate in known:
        covered = left[id(predicate)]
        rest = len(outside) - len(covered)
        telling = predicate.rank < LEAST_TELLING and rest >= FEWEST
        if telling and len(covered) * MOSTLY <= len(inside):
            return replace(predicate, is_exact=False)
    useful = [p for p in known if len(left[id(p)]) < len(outside) and p.rank < LEAST_TELLING]
    for one, other in sorted(combinations(useful, 2), key=lambda pair: pair[0].rank + pair[1].rank):
        if not left[id(one)] & left[id(other)]:
            return both(one, other)
    return None


def both(one: Predicate, other: Predicate) -> Predicate:
    """Two together."""
    return Predicate(f"{one.text} and {other.text}", lambda n: safe(one, n) and safe(other, n), 4)


def confirm(found: Predicate, evidence: Evidence) -> tuple[list[Seen], int]:
    """Further cases that contradict a condition, and how many were asked; some on each side."""
    sides: dict[bool, int] = {True: 0, False: 0}
    contrary = []
    for case in evidence.draws(20):
        inside = safe(found, names_at(case))
        if sides[inside] < ASKED // 2:
            seen = evidence.ask_once(case)
            if seen is None or seen.silent:
                continue
            sides[inside] += 1
            if bool(seen.failing) is not inside and (found.is_exact or not inside):
                contrary.append(seen)
    return contrary, sum(sides.values())


def told(
    found: Predicate, failing: Sequence[Seen], passing: Sequence[Seen], drawn: int
) -> Diagnosis:
    """The condition with its counts."""
    odd = sum(safe(found, names_at(seen.case)) for seen in passing)
    cases, others = many(len(failing) + odd, "case"), len(passing) - odd
    text = f"fails in all {cases} where {found.text}, passes in the other {others}"
    if odd:
        text = (
            f"fails in {len(failing)} of {cases} where {found.text}, passes in the other {others}"
        )
    arrays = dict.fromkeys(name for seen in failing for name in seen.failing if name)
    return Diagnosis("condition", text, "", [], list(arrays), len(failing), len(passing), drawn)
