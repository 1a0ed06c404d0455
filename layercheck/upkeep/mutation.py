"""Whether the grid can fail: every named mistake must be rejected by one of its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.mistaken import Mistaken
from layercheck.judging.facts import Facts, facts
from layercheck.judging.judge import judge
from layercheck.mistakes import Mistake, mistakes
from layercheck.reporting.verdict import Verdict


@dataclass
class Outcome:
    """How the cases took one mistake: those that reject it, with their verdicts."""

    mistake: Mistake
    tried: int = 0
    rejected: dict[str, str] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """The case that rejects it first; empty if none does."""
        return next(iter(self.rejected), "")


def try_mistakes(
    found: Sequence[Mistake], cases: Iterable[Case], enough: int | None = None
) -> list[Outcome]:
    """Hold every mistake against the cases of its op, until `enough` of them reject it."""
    outcomes = [Outcome(mistake) for mistake in found]
    for case in cases:
        due = [o for o in outcomes if o.mistake.op == case.op and not is_done(o, enough)]
        if due:
            known = facts(case)
            for outcome in due:
                try_one(outcome, known)
    return outcomes


def is_done(outcome: Outcome, enough: int | None) -> bool:
    return enough is not None and len(outcome.rejected) >= enough


def try_one(outcome: Outcome, known: Facts) -> None:
    subject = Mistaken(outcome.mistake)
    with np.errstate(all="ignore"):
        verdict = judge(known, subject, subject.answer(known.case), {}, {}).verdict
    outcome.tried += 1
    if verdict.fails or verdict is Verdict.CONVENTION:  # as `--strict` has it: dout overwritten
        outcome.rejected[str(known.case)] = str(verdict)


def survivors(outcomes: Iterable[Outcome]) -> Iterator[Mistake]:
    """The mistakes that no case rejects."""
    return (outcome.mistake for outcome in outcomes if not outcome.rejected)


def print_outcomes(
    ops: Sequence[str],
    grid: Callable[[Sequence[str] | None], Iterable[Case]],
    say: Callable[[str], None],
) -> int:
    """Tell for each mistake how many cases reject it and which does first; the exit status."""
    outcomes = try_mistakes(list(mistakes(ops)), grid(ops))
    for outcome in outcomes:
        mistake = outcome.mistake
        counted = f"{len(outcome.rejected)} of {outcome.tried} cases reject it"
        say(
            f"{mistake.op} {mistake.name}: {counted}"
            + (f", first {outcome.first}" * bool(outcome.first))
        )
        say(f"    {mistake.what}")
    survived = list(survivors(outcomes))
    say(f"mutation score: {len(outcomes) - len(survived)} of {len(outcomes)} mistakes rejected")
    return 1 if survived else 0
