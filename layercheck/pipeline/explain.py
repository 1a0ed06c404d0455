"""Why functions fail: the outcomes of a layer as evidence, and what comes of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import replace

from layercheck.cases.case import Case
from layercheck.diagnosis import Evidence, Seen, diagnose
from layercheck.implementations.drawing import may_draw
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import LIMITS
from layercheck.judging.conventions import Convention, as_followed
from layercheck.judging.drawn import question_as_drawn
from layercheck.reporting.hints import told_at
from layercheck.reporting.records import Diagnosis, Part
from layercheck.reporting.verdict import Passing, Verdict

from .answers import Gatherer
from .followed import judge_under, taken
from .options import Options
from .outcome import Outcome
from .plan import Task
from .probes.names import MORE_DOUT
from .tally import is_failing
from .verdicts import outcome_of

TERMS = (
    ("p", re.compile(r"probability to keep|\bp \d"), "p as torch has it, the probability to drop"),
    (
        "momentum",
        re.compile(r"\bmomentum\b"),
        "momentum as torch has it, the share of the new statistics",
    ),
)
"""A name, how it is told that a function counts it otherwise, and what it means here."""

FORWARD_FIRST = (
    "Wherever it is wrong, its forward is wrong, too, and hands it what it computes from: it may "
    "be right itself."
)
NO_ARRAY = "no array"
"""How the reason begins where something else was returned."""

MEND_FIRST = "Mend the forward first, and check again."

SECONDS = 20.0
"""How long further cases are asked of one function: some compile anew for each shape."""

BLAMES = (Verdict.WRONG, Verdict.ERROR, Verdict.INACCURATE, Verdict.CONVENTION)
"""What a diagnosis may explain: not what was not answered."""


def explain(
    layer: Layer,
    parts: Sequence[Part],
    outcomes: Iterable[Outcome],
    gatherer: Gatherer,
    options: Options,
    smallest: Case | None = None,
    outlives: bool = False,
) -> list[Diagnosis]:
    """Where and why one function of a layer fails. smallest: a further case at which it does, and
    which every reason has to hold for · outlives: whether it fails there after other calls only."""
    outcomes = list(outcomes)
    inside = [outcome for outcome in outcomes if not outcome.beyond]
    read = reader(parts, options.passing, taken(layer, outcomes))
    seen = [one for one in map(read, inside) if one is not None]
    blamed = {name for one in seen for name in one.failing}

    began = time.monotonic()

    def ask(case: Case) -> Seen | None:
        if time.monotonic() - began > SECONDS:
            return None
        try:
            gathered = gatherer.ask(Task(layer, case, of_grid=False))()
        except ValueError:  # the op rejects the case
            return None
        found = read(outcome_of(gatherer, gathered))
        return None if found is None else about(blamed, found)

    seen.sort(key=lambda one: one.case.elements)
    last = None if smallest is None or outlives else ask(smallest)
    more = [] if last is None or not last.failing else [last]
    probes = failed_probes(inside, parts, options.passing)
    evidence = Evidence(layer, parts, seen, ask, more, probes, smallest if outlives else None)
    if is_of_limits(seen):
        return []
    found = [in_own_terms(one, seen) for one in diagnose(evidence, options.hints)]
    if parts == ("backward",):
        found = with_forward(found, list(by_forward(inside, seen, options.passing)), seen, options)
    return found


def with_forward(
    found: list[Diagnosis], told: list[Diagnosis], seen: Sequence[Seen], options: Options
) -> list[Diagnosis]:
    """What is known of a backward, and that it may only be given wrong numbers. Where it is right
    whenever it is given right ones, a relation of its numbers says nothing of it."""
    innocent = bool(told) and any(not one.failing for one in seen)
    kept = [one for one in found if not (innocent and one.kind == "relation")]
    return [*kept, *told_at(options.hints, told)] if all(o.is_condition for o in kept) else kept


def is_of_limits(seen: Iterable[Seen]) -> bool:
    """Whether all that fails ran into a limit of the sandbox: which call that befalls is chance."""
    reasons = [why for one in seen for why in one.failing.values()]
    return bool(reasons) and all(why.startswith(LIMITS) for why in reasons)


def by_forward(
    outcomes: Iterable[Outcome], seen: Iterable[Seen], passing: Passing
) -> Iterator[Diagnosis]:
    """That a backward of which nothing else is known may only be given the wrong numbers: wherever
    it is wrong, its forward is, too."""
    wrong = {
        str(o.task.case)
        for o in outcomes
        if any(is_failing(c.verdict, passing) and c.part == "forward" for c in o.judged.own)
    }
    failing = [one for one in seen if one.failing]
    if any(why.startswith(NO_ARRAY) for one in failing for why in one.failing.values()):
        return  # whatever it is given
    if failing and all(str(one.case) in wrong for one in failing):
        names = list(dict.fromkeys(name for one in failing for name in one.failing if name))
        yield Diagnosis("relation", FORWARD_FIRST, MEND_FIRST, [], names, len(failing))


def in_own_terms(one: Diagnosis, seen: Sequence[Seen]) -> Diagnosis:
    """A reason that speaks of p or momentum, told as torch's where the function counts otherwise;
    without a hint, which would be about torch's."""
    notes = {note for s in seen for texts in s.answer.notes.values() for note in texts}
    told = " ".join(dict.fromkeys([*(s.answer.called for s in seen), *notes]))
    for name, counted, means in TERMS:
        if counted.search(told) and re.search(rf"\b{name}\b", f"{one.text} {one.hint}"):
            return replace(
                one, text=f"{one.text} ({means}; this file counts it otherwise)", hint=""
            )
    return one


def failed_probes(
    outcomes: Iterable[Outcome], parts: Sequence[Part], passing: Passing
) -> dict[str, list[str]]:
    """The further questions that a function of these parts fails, with the arrays that show it; to
    take too long for one says nothing of what it asks."""
    found: dict[str, list[str]] = {}
    probed = (c for o in outcomes for c in o.judged.own if c.probe and c.part in parts)
    for own in probed:
        if is_failing(own.verdict, passing) and not any(one in own.reason for one in LIMITS):
            name = "in proportion" if MORE_DOUT in own.reason else own.probe
            arrays = found.setdefault(name, [])
            arrays += [own.array] if own.array and own.array not in arrays else []
    return found


def about(blamed: Set[str], seen: Seen) -> Seen:
    """A further case, in which only what is blamed at all can fail: arrays that are right for their
    own forward, or by another convention, are not told so case by case."""
    if "" in blamed:  # the call itself fails: whatever fails elsewhere is the function's
        return seen
    return replace(seen, failing={n: why for n, why in seen.failing.items() if n in blamed})


def reader(
    parts: Sequence[Part], passing: Passing, followed: Sequence[Convention] = ()
) -> Callable[[Outcome], Seen | None]:
    """What an outcome shows of a function of these parts, which follows these conventions."""

    def read(outcome: Outcome) -> Seen | None:
        answer = outcome.answer
        if answer is None:
            return None
        known = as_followed(outcome.gathered.facts, answer, followed)
        for convention in followed:
            judge_under(convention, outcome)
        own = [c for c in outcome.judged.own if c.part in parts and not c.probe]
        failing = {
            c.array: c.reason
            for c in reversed(own)
            if is_failing(c.verdict, passing) and c.verdict in BLAMES
        }
        case = outcome.task.case
        is_drawn = may_draw(outcome.task.layer.implementation, case)
        question = question_as_drawn(case, answer) if is_drawn else known.case.question
        silent = all(c.verdict.is_silent for c in own)
        judged = frozenset(c.array for c in own if not c.verdict.is_silent)
        return Seen(case, question, known, answer, failing, silent, judged)

    return read
