"""Every case asked a second time: what a function keeps between calls shows in other bits."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from layercheck.implementations.functions import TWO_ANSWERS, alike, fickle
from layercheck.implementations.left_away import left_away
from layercheck.implementations.protocol import LIMITS, Answer, Failure, Reply, begin_bare
from layercheck.reporting.records import Part
from layercheck.reporting.verdict import Verdict
from layercheck.submissions.profiles.target import FRAMEWORK

from .answers import Gatherer
from .defaults import Defaults
from .outcome import Outcome
from .verdicts import judged_of

OTHERWISE_ROUNDED: tuple[Part, str] = (
    "forward",
    "its last bits are other ones each time; both answers are within the limits",
)

Again = tuple[Outcome, Callable[[], Reply]]
"""Who is asked a second time, and how its reply is called for."""


def ask_again(gatherer: Gatherer, outcomes: Sequence[Outcome]) -> None:
    """Ask in another order, with fresh buffers, and without arguments that are at their default: a
    part that gives other bits has failed."""
    take_again(gatherer, begin_again(gatherer, outcomes))


def begin_again(gatherer: Gatherer, outcomes: Sequence[Outcome]) -> list[Again]:
    """Ask, without waiting: a file's functions, and a framework's, whose answers are not compared
    at once, since they may be rounded otherwise the next time."""
    answered = [outcome for outcome in outcomes if outcome.answer is not None]
    if not gatherer.subject.is_file:
        answered = [one for one in answered if FRAMEWORK in one.task.layer.habits]
    random.Random(len(answered)).shuffle(answered)
    return [(o, begin_bare(o.task.layer.implementation, o.task.case)) for o in answered]


def take_again(gatherer: Gatherer, asked: Iterable[Again]) -> None:
    """Blame whoever gave other bits."""
    defaults = Defaults()
    for outcome, reply_of in asked:
        reply = reply_of()
        first, second = outcome.answer, answer_of(reply)
        assert first is not None
        if not alike(first, second):
            told = meant(outcome, first, second, defaults)
            told = then_none(reply) if told is TWO_ANSWERS and reply is not second else told
            if told is TWO_ANSWERS and only_rounding(gatherer, outcome, second):
                outcome.note(*OTHERWISE_ROUNDED)
            elif told is not None:
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


def then_none(reply: Reply) -> Failure:
    """That an answer came first, and then this."""
    if isinstance(reply, Failure) and reply.kind in LIMITS:
        return reply
    return replace(TWO_ANSWERS, message=f"the same inputs gave an answer, then none: {reply}")


def only_rounding(gatherer: Gatherer, outcome: Outcome, second: Answer) -> bool:
    """Whether both answers lie within the limits of the exact result, and so differ by the order
    of their sums alone: on a GPU, or among threads, it may change from call to call."""
    own = [*outcome.judged.own, *judged_of(gatherer, outcome.gathered, second).own]
    return all(one.verdict in (Verdict.EXACT, Verdict.ROUNDING) for one in own)


def answer_of(reply: Reply) -> Answer:
    """The answer; an empty one for what is none."""
    return reply if isinstance(reply, Answer) else Answer({})
