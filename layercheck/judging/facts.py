"""What a case is judged by: the exact arrays, and how far rounding may take an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.protocol import (
    NOT_IMPLEMENTED,
    NOT_UNDERSTOOD,
    Answer,
    Failure,
    Reply,
    part_of,
)
from layercheck.reporting.records import Comparison, Part
from layercheck.reporting.verdict import Verdict, all_pass
from layercheck.stages import stage
from oracles import exact, recorded
from oracles.oracle import Array, Omitted, Question
from oracles.recorded import storable
from ref_layers import OPS

from .bounds import Bound, bounds
from .compare import Compared, Pair, Pairing, compared, misfits
from .kept.coded import Found
from .kept.keeping import all_kept, kept, kept_of
from .measure import TruthError

EXACT = "exact"
"""What the report calls the exact result."""

EXACTLY, NEARLY, RECORDED = "exactly", "nearly", "recorded"
"""The ways to an exact result: ball arithmetic, the formula in longdouble, a recording."""

DOUT = "dout"


@dataclass(frozen=True)
class Facts:
    """The truth of a case, and the bound of each of its arrays."""

    case: Case
    truth: exact.Truth
    bounds: Mapping[str, Bound]

    @cached_property
    def text(self) -> str:
        """The case as it is written."""
        return str(self.case)

    @cached_property
    def truth_error(self) -> TruthError:
        """How far off the truth itself may be."""
        return TruthError(self.truth.unit_roundoff, self.truth.accumulated)

    def pairing(self, subject: str, against: str, dtype: str | None = None) -> Pairing:
        """Who is compared with whom on this case."""
        return Pairing(self.text, self.case.op, dtype or self.case.dtype, subject, against)

    def part_of(self, array: str) -> Part:
        """Which function gives an array."""
        return part_of(array, OPS[self.case.op].outputs)

    def compare_all(self, who: str, answer: Answer, dtype: str | None = None) -> list[Comparison]:
        """Every array of an answer against the exact one; a missing one is an error."""
        return compared(self.pairs(who, answer, dtype))

    def pairs(self, who: str, answer: Answer, dtype: str | None = None) -> list[Compared]:
        """What there is to compare of an answer with the exact result."""
        pairing = self.pairing(who, EXACT, dtype)
        arrays = self.truth.arrays.items()
        return [self.pair(pairing, name, answer, right) for name, right in arrays]

    def pair(
        self, pairing: Pairing, name: str, answer: Answer, expected: Array, widening: float = 1.0
    ) -> Compared:
        """One array of an answer with what it should be, or why there is nothing to compare."""
        part, got = self.part_of(name), answer.arrays.get(name)
        if got is None:
            return pairing.note(part, name, Verdict.ERROR, f"{name} is missing from the answer")
        if isinstance(got, Omitted):
            return pairing.note(part, name, Verdict.SKIPPED, got.reason)
        if isinstance(got, Failure):
            return pairing.note(part, name, gap_verdict(got), str(got))
        form, bound = answer.misfits.get(name, ""), self.bounds[name]
        return Pair(pairing, part, name, got, expected, bound, widening, self.truth_error, form)

    def surely_has(self, arrays: Mapping[str, Any]) -> bool:
        """Whether arrays are right by a look at them alone: finite, of the very form, within their
        limits. What is not surely right may be all the same."""
        return all(
            is_surely(arrays.get(name), right, self.case.dtype, self.bounds[name])
            for name, right in self.truth.arrays.items()
        )

    def with_bound(self, name: str, bound: Bound) -> Facts:
        """The same with another bound of one array."""
        return replace(self, bounds={**self.bounds, name: bound})


def is_surely(got: Any, right: Array, dtype: str, bound: Bound) -> bool:
    """Whether an array is what it should be, without the figures that a report has."""
    if type(got) is not np.ndarray or misfits(got, right, dtype):
        return False
    with np.errstate(invalid="ignore", over="ignore"):
        return bool(np.isfinite(right).all() and (np.abs(got - right) <= bound.limit).all())


def facts(case: Case) -> Facts:
    """What a case is judged by; raises ValueError where the op rejects the case."""
    return of_case(case, EXACTLY, lambda: storable(exact.truth(case.question), case.dtype))


def drawn_facts(case: Case) -> Facts:
    """The same by the formula in longdouble: for a case that was drawn for a signature."""
    return of_case(case, NEARLY, lambda: storable(exact.extended(case.question), case.dtype))


def recorded_facts(case: Case) -> Facts:
    """The same with the recorded exact result; raises RecordingError where there is none."""
    return of_case(case, RECORDED, lambda: recorded.truth(str(case), case.question))


@stage("exact results and bounds")
def of_case(case: Case, way: str, truth: Callable[[], exact.Truth]) -> Facts:
    """The facts of a case by one way to an exact result, computed now or earlier."""

    def computed() -> Found:
        found = Found(bounds(case.question), truth())
        return replace(found, drawn={**case.inputs, DOUT: case.question.dout})

    return as_kept(case, kept_of(case.op, str(case), way, computed))


@stage("exact results and bounds")
def all_facts_kept(cases: Sequence[Case], way: str) -> list[Facts | None]:
    """The facts of one op's cases that an earlier run kept, and None for the others."""
    found = all_kept(cases[0].op, [str(case) for case in cases], way)
    return [as_kept(case, found[str(case)]) if str(case) in found else None for case in cases]


def as_kept(case: Case, found: Found) -> Facts:
    """What was kept of a case, its values among it."""
    case.take_drawn({n: v for n, v in found.drawn.items() if n != DOUT}, found.drawn[DOUT])
    return Facts(case, found.truth, found.bounds)


@stage("exact results and bounds")
def near_facts(case: Case, question: Question) -> Facts:
    """The same for a case's question, or for one with other values, by the formula in longdouble:
    quicker, and the limits allow for its own rounding."""

    def computed() -> Found:
        return Found(bounds(question), storable(exact.extended(question), case.dtype))

    found = kept(question, f"{NEARLY} {case.dtype}", computed)
    return Facts(case, found.truth, found.bounds)


def verdict_of(failure: Failure) -> Verdict:
    """What a failure comes to: nothing written yet is no error, and neither is what we do not know
    how to call."""
    known = {NOT_IMPLEMENTED: Verdict.NOT_IMPLEMENTED, NOT_UNDERSTOOD: Verdict.NOT_JUDGED}
    return known.get(failure.kind, Verdict.ERROR)


def gap_verdict(failure: Failure) -> Verdict:
    """The same of one array of an answer: beside others that were compared it is a gap, no pass."""
    verdict = verdict_of(failure)
    return Verdict.INCOMPLETE if verdict.is_silent else verdict


def agrees(facts: Facts, answer: Reply, dtype: str | None = None) -> bool:
    """Whether an answer is compared at all and right in every array."""
    if not isinstance(answer, Answer) or answer.failures:
        return False
    return all_pass(c.verdict for c in facts.compare_all("", answer, dtype))
