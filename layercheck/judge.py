"""The verdict of a case: who is right, and how far off the others are.

The exact result is the truth, and each framework's answer is held against it. A framework that is
beyond its bound is asked again in higher precision: if it agrees with the exact result there, its
first answer was a defect of the framework, which is never blamed on the layer. If it still
disagrees, the exact result is contradicted and the framework is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from oracles import exact, recorded
from oracles.oracle import Omitted
from oracles.recorded import storable
from ref_layers import OPS
from ref_layers.op import Array
from reports.report import PASSING, Comparison, Defect, worst_verdict

from .answers import Failure, Refusal, Reply
from .bounds import Bound, bounds
from .case import Case
from .compare import Pairing, TruthError, compare
from .defects import find
from .subject import HIGHER, OracleSubject, Subject

EXACT = "exact"


class Asked(Protocol):
    """A running framework, or a recording of one."""

    @property
    def versions(self) -> dict[str, str]:
        """Of the framework."""
        ...

    def ask(self, case: Case, dtype: str | None = None) -> Reply:
        """Its answer to a case, in another dtype if one is given."""
        ...


@dataclass
class Judged:
    """What a case came to: its verdict, every comparison, the defects that showed, and whether a
    framework confirmed the exact result."""

    case: Case
    verdict: str = "skipped"
    comparisons: list[Comparison] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    confirmed_by: list[str] = field(default_factory=list)
    arithmetic: str = ""


@dataclass(frozen=True)
class Facts:
    """What a case is judged by: the exact arrays and how far rounding may take an answer."""

    case: Case
    truth: exact.Truth
    bounds: Mapping[str, Bound]

    def pairing(self, subject: str, against: str, dtype: str | None = None) -> Pairing:
        return Pairing(str(self.case), self.case.op, dtype or self.case.dtype, subject, against)

    def compare_all(
        self, who: str, answer: Mapping[str, Any], dtype: str | None = None
    ) -> list[Comparison]:
        """Every array of an answer against the exact one; a missing one is an error."""
        pairing = self.pairing(who, EXACT, dtype)
        return [
            self.compare_one(pairing, name, answer.get(name), expected)
            for name, expected in self.truth.arrays.items()
        ]

    def compare_one(
        self, pairing: Pairing, name: str, got: Any, expected: Array, widening: float = 1.0
    ) -> Comparison:
        if got is None:
            return note(pairing, name, "error", f"array {name} is missing from the answer")
        if isinstance(got, Omitted):
            return note(pairing, name, "skipped", got.reason)
        if isinstance(got, Failure):
            return failure_note(pairing, name, got)
        off = TruthError(self.truth.unit_roundoff, self.truth.accumulated)
        return compare(pairing, name, got, expected, self.bounds[name], widening, off)


def facts(case: Case) -> Facts:
    """What a case is judged by, computed now; raises ValueError where the op rejects the case."""
    question = case.question
    truth = storable(exact.truth(question), case.dtype)
    return Facts(case, truth, bounds(question))


def recorded_facts(case: Case) -> Facts:
    """The same with the recorded exact result; raises RecordingError where there is none."""
    question = case.question
    return Facts(case, recorded.truth(str(case), question), bounds(question))


def note(pairing: Pairing, array: str, verdict: str, reason: str) -> Comparison:
    """A comparison that has no figures."""
    return Comparison(**vars(pairing), array=array, verdict=verdict, reason=reason)


def failure_note(pairing: Pairing, array: str, failure: Failure) -> Comparison:
    """A failure is an error; what is not written yet was skipped, which is no pass either."""
    absent = failure.kind == "not implemented"
    return note(pairing, array, "skipped" if absent else "error", str(failure))


def judge(
    facts: Facts,
    subject: Subject,
    reply: Reply,
    replies: Mapping[str, Reply],
    workers: Mapping[str, Asked],
) -> Judged:
    """Judge the subject's reply beside those of the oracles."""
    judged = Judged(facts.case, arithmetic=facts.truth.arithmetic)
    trusted = {
        name: answer
        for name, answer in replies.items()
        if weigh_oracle(facts, judged, name, answer, workers[name]) and isinstance(answer, dict)
    }
    own = compare_subject(facts, subject, reply, trusted, set(judged.confirmed_by))
    judged.comparisons += without_known_defect(facts, judged, subject, reply, own)
    judged.comparisons += [
        note(facts.pairing(subject.name, name), "", "skipped", reason)
        for name, reason in silent(judged, replies, trusted)
    ]
    judged.verdict = worst_verdict(
        c.verdict for c in judged.comparisons if c.subject == subject.name
    )
    return judged


def without_known_defect(
    facts: Facts, judged: Judged, subject: Subject, reply: Reply, own: list[Comparison]
) -> list[Comparison]:
    """Where the subject is a framework, its known defects are named, and do not fail the run."""
    failed = any(c.verdict not in PASSING | {"skipped"} for c in own)
    if not (failed and isinstance(subject, OracleSubject)):
        return own
    kind = reply.kind if isinstance(reply, Failure) else "wrong"
    known = find(subject.oracle, subject.worker.versions, facts.case, kind)
    if known is None:
        return own
    told = str(reply) if isinstance(reply, Failure) else f"wrong: {known.what}"
    judged.defects.append(Defect(subject.oracle, str(facts.case), told, known.id, known.reason))
    reason = f"defect of {subject.oracle} ({known.id})"
    return [note(facts.pairing(subject.name, EXACT), "", "skipped", reason)]


def silent(
    judged: Judged, replies: Mapping[str, Reply], trusted: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """The oracles that the subject could not be compared with, and why."""
    defective = {defect.oracle: defect.known or "new" for defect in judged.defects}
    for name, reply in replies.items():
        if isinstance(reply, Refusal):
            yield name, f"{name}: {reply.reason}"
        elif name not in trusted:
            yield name, f"defect of {name} ({defective[name]})"


# ---------------------------------------------------------------------- the oracles


def weigh_oracle(facts: Facts, judged: Judged, name: str, reply: Reply, worker: Asked) -> bool:
    """Record what an oracle says; whether the subject may be held against it."""
    if isinstance(reply, Refusal):
        return False
    if isinstance(reply, Failure):
        judged.defects.append(make_defect(facts.case, name, worker, reply.kind, str(reply)))
        return False
    comparisons = facts.compare_all(name, reply)
    judged.comparisons += comparisons
    failed = [c for c in comparisons if c.verdict not in PASSING | {"skipped"}]
    if not failed:
        judged.confirmed_by.append(name)
        return True
    # no framework has more than float64: what is wrong there has to be on the list
    on_the_list = find(name, worker.versions, facts.case, "wrong") is not None
    if on_the_list or right_in_higher_precision(facts, lambda dtype: worker.ask(facts.case, dtype)):
        worst = failed[0]
        what = (
            f"{worst.array}{list(worst.worst_index or ())}: got {worst.got}, exact {worst.expected}"
        )
        judged.defects.append(make_defect(facts.case, name, worker, "wrong", worst.reason or what))
        return False
    judged.comparisons += [
        replace(c, subject=EXACT, against=name, got=c.expected, expected=c.got,
                reason=f"{name} contradicts the exact result, in higher precision too")
        for c in failed
    ]  # fmt: skip
    return True


def make_defect(case: Case, oracle: str, worker: Asked, kind: str, what: str) -> Defect:
    known = find(oracle, worker.versions, case, kind)
    return Defect(
        oracle, str(case), f"{kind}: {what}" if kind == "wrong" else what,
        known.id if known else None, known.reason if known else "",
    )  # fmt: skip


def right_in_higher_precision(facts: Facts, ask: Callable[[str], Reply]) -> bool:
    """Whether the same implementation is within the bound when its own rounding is taken away."""
    higher = HIGHER[facts.case.dtype]
    reply = ask(higher)
    if isinstance(reply, (Refusal, Failure)):
        return False
    dtype = np.dtype(higher).name
    return all(c.verdict in PASSING | {"skipped"} for c in facts.compare_all("", reply, dtype))


# ---------------------------------------------------------------------- the subject


def compare_subject(
    facts: Facts,
    subject: Subject,
    reply: Reply,
    trusted: Mapping[str, Mapping[str, Any]],
    confirming: set[str],
) -> list[Comparison]:
    """The subject against the exact result, and against every trusted oracle."""
    pairing = facts.pairing(subject.name, EXACT)
    if isinstance(reply, Refusal):
        return [note(pairing, "", "skipped", reply.reason)]
    if isinstance(reply, Failure):
        return [failure_note(pairing, "", reply)]
    against_exact = facts.compare_all(subject.name, reply)
    contradicted = bool(trusted.keys() - confirming)
    against_exact = [] if contradicted else explain(facts, subject, against_exact, reply)
    softer = {
        c.array: c
        for c in against_exact
        if c.verdict in ("inaccurate", "convention") or c.reason == IN_NORM
    }
    beside = [
        soften(comparison, softer.get(comparison.array))
        for name, answer in trusted.items()
        for comparison in compare_pair(facts, subject.name, reply, name, answer)
    ]
    return against_exact + beside


def compare_pair(
    facts: Facts, subject: str, reply: Mapping[str, Any], name: str, answer: Mapping[str, Any]
) -> Iterator[Comparison]:
    """Two answers with rounding of their own: twice the limit."""
    pairing = facts.pairing(subject, name)
    for array in (name for name in facts.truth.arrays if name in answer):
        expected = answer[array]
        if isinstance(expected, Omitted):
            yield note(pairing, array, "skipped", expected.reason)
        else:
            yield facts.compare_one(pairing, array, reply.get(array), expected, 2.0)


def soften(comparison: Comparison, told: Comparison | None) -> Comparison:
    """What the exact result showed to be inaccurate or a convention is called so everywhere."""
    if told is None or comparison.verdict != "wrong":
        return comparison
    return replace(comparison, verdict=told.verdict, reason=told.reason)


def explain(
    facts: Facts, subject: Subject, comparisons: list[Comparison], reply: Mapping[str, Any]
) -> list[Comparison]:
    """Tell wrong from inaccurate and from another framework's convention."""
    comparisons = [second_chance(facts, c, reply) for c in comparisons]
    if all(c.verdict != "wrong" for c in comparisons):
        return comparisons
    if right_in_higher_precision(facts, lambda dtype: subject.answer(facts.case, dtype)):
        reason = f"right when run in {HIGHER[facts.case.dtype]}: the arithmetic is unstable"
        return [replace(c, verdict="inaccurate", reason=reason) if c.verdict == "wrong" else c
                for c in comparisons]  # fmt: skip
    told = convention_of(facts, comparisons[0].subject, reply)
    return [
        replace(c, verdict="convention", reason=told) if told and c.verdict == "wrong" else c
        for c in comparisons
    ]


IN_NORM = "within the bound of the array's largest element: stable in norm, not in each element"


def second_chance(facts: Facts, comparison: Comparison, reply: Mapping[str, Any]) -> Comparison:
    """Linear ops by FFT or Winograd are right, yet accurate only beside the largest element.

    Not at `wide`, which is there to tell them apart.
    """
    if comparison.verdict != "wrong" or not facts.case.spec.linear or facts.case.fill == "wide":
        return comparison
    own = facts.bounds[comparison.array]
    likely, worst = (np.full_like(b, b.max()) for b in (own.likely, own.worst))
    uniform = Bound(likely, worst, own.unit)
    bounds = {**facts.bounds, comparison.array: uniform}
    pairing = facts.pairing(comparison.subject, EXACT, comparison.dtype)
    again = replace(facts, bounds=bounds).compare_one(
        pairing, comparison.array, reply[comparison.array], facts.truth.arrays[comparison.array]
    )
    return replace(again, reason=IN_NORM) if again.verdict in PASSING else comparison


def convention_of(facts: Facts, subject: str, reply: Mapping[str, Any]) -> str:
    """Under which other value of one attribute the whole answer is right; empty if under none."""
    for attribute, values in OPS[facts.case.op].conventions.items():
        for value in values:
            if value == facts.case.all_attributes[attribute]:
                continue
            other = replace(facts.case, attributes={**facts.case.attributes, attribute: value})
            if is_right_for(other, subject, reply):
                return f"as with {attribute}={value}"
    return ""


def is_right_for(case: Case, subject: str, reply: Mapping[str, Any]) -> bool:
    try:
        known = facts(case)
    except ValueError:  # the op rejects the case under that convention
        return False
    comparisons = known.compare_all(subject, reply)
    return all(c.verdict in PASSING | {"skipped"} for c in comparisons)
