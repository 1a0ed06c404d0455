"""Every case asked a second time: what a function keeps between calls shows in other bits."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from layercheck.implementations.functions import TWO_ANSWERS, alike, fickle, left_away
from layercheck.implementations.protocol import Answer, Reply, begin_bare

from .answers import Gatherer
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
    for outcome, reply_of in asked:
        first, second = outcome.answer, answer_of(reply_of())
        assert first is not None
        if not alike(first, second):
            blame_fickle(gatherer, outcome, first, second)


def blame_fickle(gatherer: Gatherer, outcome: Outcome, first: Answer, second: Answer) -> None:
    """What it means that the second answer is another one."""
    case, subject = outcome.task.case, outcome.task.layer.implementation
    repeats = second.called != first.called and alike(first, answer_of(subject.answer(case)))
    failed = second.failures.get("forward")
    if repeats and failed is not None:  # it has to be given, which is no other value
        said = str(failed).splitlines()[0]
        outcome.note("forward", f"with {second.called} it fails: {said}")
        return
    without = left_away(second.called.removesuffix(f"; {first.called}"))
    told = fickle(first, second, case.op, without if repeats else TWO_ANSWERS)
    outcome.judged = judged_of(gatherer, outcome.gathered, told)


def answer_of(reply: Reply) -> Answer:
    """The answer; an empty one for what is none."""
    return reply if isinstance(reply, Answer) else Answer({})
