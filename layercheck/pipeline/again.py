"""Every case asked a second time: what a function keeps between calls shows in other bits."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from layercheck.implementations.functions import TWO_ANSWERS, alike, fickle
from layercheck.implementations.left_away import left_away
from layercheck.implementations.protocol import LIMITS, Answer, Failure, Reply, begin_bare

from .answers import Gatherer
from .defaults import Defaults
from .outcome import Outcome
from .verdicts import judged_of

Again = tuple[Outcome, Callable[[], Reply]]
"""Who is asked a second time, and how its reply is called for."""


def ask_again(gatherer: Gatherer, outcomes: Sequence[Outcome]) -> None:
    """Ask in another order, with fresh buffers, and without arguments that are at their default: a
    part that gives other bits has failed."""
    take_again(gatherer, begin_again(outcomes))


def begin_again(outcomes: Sequence[Outcome]) -> list[Again]:
    """Ask, without waiting."""
    answered = [outcome for outcome in outcomes if outcome.answer is not None]
    random.Random(len(answered)).shuffle(answered)
    return [(o, begin_bare(o.task.layer.implementation, o.task.case)) for o in answered]


def take_again(gatherer: Gatherer, asked: Iterable[Again]) -> None:
    """Blame whoever gave other bits."""
    defaults = Defaults()
    for outcome, reply_of in asked:
        first, second = outcome.answer, answer_of(reply_of())
        assert first is not None
        if not alike(first, second):
            told = meant(outcome, first, second, defaults)
            if told is not None:
                changed = fickle(first, second, outcome.task.case.op, told)
                outcome.judged = judged_of(gatherer, outcome.gathered, changed)


def meant(outcome: Outcome, first: Answer, second: Answer, defaults: Defaults) -> Failure | None:
    """What it means that the second answer is another one; None where it is noted only."""
    case, subject = outcome.task.case, outcome.task.layer.implementation
    repeats = second.called != first.called and alike(first, answer_of(subject.answer(case)))
    if not repeats:
        late = [f for part, f in second.failures.items() if part not in first.failures]
        return next((f for f in late if f.kind in LIMITS), TWO_ANSWERS)
    failed = second.failures.get("forward")
    if failed is not None:  # it has to be given, which is no other value
        said = str(failed).splitlines()[0]
        outcome.note("forward", f"with {second.called} it fails: {said}")
        return None
    names = second.called.removesuffix(f"; {first.called}")
    return left_away(names, defaults.text(subject, case.question, second))


def answer_of(reply: Reply) -> Answer:
    """The answer; an empty one for what is none."""
    return reply if isinstance(reply, Answer) else Answer({})
