"""Right in another way: linear ops by FFT, Winograd or running sums, accurate only beside the whole
array; x - log(sum(exp(x))), accurate only beside x."""

from __future__ import annotations

from dataclasses import replace

from layercheck.cases.case import Case
from layercheck.implementations.protocol import Answer
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict

from .bounds import Bound, unshifted_bounds
from .compare import compared
from .facts import EXACT, Facts

UNSHIFTED = (
    "within the bound of x's own size: log(sum(exp(x))) is rounded beside x, and x - max(x) would "
    "not be"
)
IN_NORM = "within the bound of the whole array: stable in norm, not in each element"


def second_chance(known: Facts, comparison: Comparison, answer: Answer) -> Comparison:
    """A wrong array of a linear op held against the bound of all its sums together."""
    if comparison.verdict is not Verdict.WRONG or not has_second_chance(known.case):
        return comparison
    again = beside_the_whole(known, comparison, answer)
    return replace(again, reason=IN_NORM) if again.verdict.passes else comparison


def has_second_chance(case: Case) -> bool:
    """Whether a case's arrays are sums; not at `wide`, which is there to tell them apart."""
    return (case.spec.linear or case.spec.mean) and case.fill != "wide"


def beside_the_whole(known: Facts, comparison: Comparison, answer: Answer) -> Comparison:
    """An array held against the bound of all its sums together."""
    return held_against(known, comparison, answer, known.bounds[comparison.array].in_norm())


def unshifted(known: Facts, comparison: Comparison, answer: Answer) -> Comparison:
    """An array held against the bound of who rounds beside x what others round beside
    x - max(x)."""
    loose = unshifted_bounds(known.case.question)[comparison.array]
    return held_against(known, comparison, answer, loose)


def held_against(known: Facts, comparison: Comparison, answer: Answer, bound: Bound) -> Comparison:
    """An array held against another bound."""
    name, given = comparison.array, known.with_bound(comparison.array, bound)
    pairing = known.pairing(comparison.subject, EXACT, comparison.dtype)
    (again,) = compared([given.pair(pairing, name, answer, known.truth.arrays[name])])
    return again
