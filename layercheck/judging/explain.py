"""A wrong answer told apart: unstable arithmetic, another convention, or stable only in norm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from layercheck.implementations.protocol import Answer, Implementation
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict
from ref_layers import OPS

from .compare import compared
from .facts import EXACT, Facts, agrees, facts
from .oracles import HIGHER, right_in_higher_precision

IN_NORM = "within the bound of the array's largest element: stable in norm, not in each element"


def explain(
    known: Facts, subject: Implementation, comparisons: Sequence[Comparison], answer: Answer
) -> list[Comparison]:
    """The comparisons with the exact result, each wrong one by the reason that it has."""
    tried = [second_chance(known, c, answer) for c in comparisons]
    if not any(c.verdict is Verdict.WRONG for c in tried):
        return tried
    if right_in_higher_precision(known, subject):
        higher = HIGHER[known.case.dtype]
        reason = f"right when run in {higher}: the arithmetic is unstable"
        return [changed(c, Verdict.INACCURATE, reason) for c in tried]
    told = convention_of(known, answer)
    return [changed(c, Verdict.CONVENTION, told) for c in tried] if told else tried


def changed(comparison: Comparison, verdict: Verdict, reason: str) -> Comparison:
    """A wrong comparison by another name; any other one as it is."""
    if comparison.verdict is not Verdict.WRONG:
        return comparison
    return replace(comparison, verdict=verdict, reason=reason)


def second_chance(known: Facts, comparison: Comparison, answer: Answer) -> Comparison:
    """Linear ops by FFT or Winograd are right, yet accurate only beside the largest element.

    Not at `wide`, which is there to tell them apart.
    """
    case = known.case
    if comparison.verdict is not Verdict.WRONG or not case.spec.linear or case.fill == "wide":
        return comparison
    name = comparison.array
    uniform = known.with_bound(name, known.bounds[name].in_norm())
    pairing = known.pairing(comparison.subject, EXACT, comparison.dtype)
    (again,) = compared([uniform.pair(pairing, name, answer, known.truth.arrays[name])])
    return replace(again, reason=IN_NORM) if again.verdict.passes else comparison


def convention_of(known: Facts, answer: Answer) -> str:
    """Under which other value of one attribute the whole answer is right; empty if under none."""
    case = known.case
    for attribute, values in OPS[case.op].conventions.items():
        for value in values:
            if value == case.all_attributes[attribute]:
                continue
            other = replace(case, attributes={**case.attributes, attribute: value})
            try:
                right = agrees(facts(other), answer)
            except ValueError:  # the op rejects the case under that convention
                continue
            if right:
                return f"as with {attribute}={value}"
    return ""
