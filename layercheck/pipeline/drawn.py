"""Dropouts that draw their own masks: judged by the mask that they drew, and by how they draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from layercheck.implementations.drawing import Redraws, draws
from layercheck.implementations.protocol import Answer, Failure
from layercheck.judging.drawn import (
    follows_own_output,
    oddities,
    oddities_of_calls,
)
from layercheck.judging.facts import EXACT
from layercheck.reporting.records import Comparison, Part
from layercheck.reporting.verdict import Verdict

from .drawn_cases import is_repeated
from .outcome import Outcome

REPEATS = 64
CONTRADICTION = "contradiction: "
"""How a submission's note begins where its docstring says the opposite of what it does."""


def is_drawn(outcome: Outcome) -> bool:
    """Whether the subject drew the mask of this case."""
    return draws(outcome.task.layer.implementation, outcome.task.case)


def without_drawn(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes that come to the same each time."""
    return [outcome for outcome in outcomes if not is_drawn(outcome)]


def look_at_masks(outcomes: Sequence[Outcome]) -> None:
    """Say what is odd about masks, and what is wrong by better names."""
    for outcome in outcomes:
        if is_drawn(outcome) and outcome.answer is not None:
            look_at_mask(outcome, outcome.answer)


def look_at_mask(outcome: Outcome, answer: Answer) -> None:
    """The same of one case."""
    case = outcome.task.case
    for array, told in first_of_each(oddities(case, answer)):
        blame(outcome, "forward" if array == "out" else "backward", array, told)
    if is_repeated(case):
        look_at_calls(outcome)
    wrong = {comparison.part for comparison in outcome.wrong()}
    if wrong == {"forward", "backward"} and follows_own_output(case, answer):
        reason = "dx is right for its own forward; the forward is wrong"
        outcome.rename(Verdict.CONSISTENT, reason, "dx")
    notes = outcome.judged.notes.get("forward", ())
    opposite = next((note for note in notes if note.startswith(CONTRADICTION)), "")
    if opposite:
        told = opposite.removeprefix(CONTRADICTION)
        outcome.judged.own = [
            replace(c, verdict=Verdict.WRONG, reason=told) if is_failed_output(c) else c
            for c in outcome.judged.own
        ]


def is_failed_output(comparison: Comparison) -> bool:
    """Whether it blames, in whichever way: at p = 0 the opposite meaning divides by zero."""
    return comparison.part == "forward" and comparison.verdict.fails


def look_at_calls(outcome: Outcome) -> None:
    """Ask the same case many times, and look at the masks together."""
    case, subject = outcome.task.case, outcome.task.layer.implementation
    outs = subject.redrawn(case, REPEATS) if isinstance(subject, Redraws) else Failure("")
    if isinstance(outs, Failure):
        blame(outcome, "forward", "out", f"asked {REPEATS} times: {outs}", Verdict.ERROR)
    elif outs.shape == (REPEATS, *case.shapes["x"]):
        for told in list(oddities_of_calls(case, outs))[:1]:
            blame(outcome, "forward", "out", f"in {REPEATS} calls: {told}")


def first_of_each(told: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first thing that is told of each array."""
    found: dict[str, str] = {}
    for array, text in told:
        found.setdefault(array, text)
    return list(found.items())


def own_p(outcome: Outcome) -> str:
    """The case's p, as the function counts it."""
    p = outcome.task.case.all_attributes["p"]
    answer = outcome.answer
    told = " ".join((answer.called, *answer.notes.get("forward", ()))) if answer else ""
    keeps = "probability to keep" in told or "as this file counts it" in told
    return f"{1 - p:g}, the probability to keep," if keeps else f"{p:g}"


def blame(
    outcome: Outcome, part: Part, array: str, told: str, verdict: Verdict = Verdict.WRONG
) -> None:
    """Say that what an array shows of the masks is wrong, if it does not fail in itself."""
    pairing = outcome.gathered.facts.pairing(outcome.task.layer.implementation.name, EXACT)
    text = told if verdict is Verdict.ERROR else f"mask: at p = {own_p(outcome)} {told}"
    outcome.judged.own.append(pairing.note(part, array, verdict, text))
