"""Linear ops by FFT, Winograd or running sums: right, yet accurate only beside the whole array."""

from __future__ import annotations

from dataclasses import replace

from layercheck.cases.case import Case
from layercheck.implementations.protocol import Answer
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict

from .compare import compared
from .facts import EXACT, Facts

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
    name = comparison.array
    uniform = known.with_bound(name, known.bounds[name].in_norm())
    pairing = known.pairing(comparison.subject, EXACT, comparison.dtype)
    (again,) = compared([uniform.pair(pairing, name, answer, known.truth.arrays[name])])
    return again
