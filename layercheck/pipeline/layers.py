"""A layer's tasks judged: case by case, then asked again, then heard by second opinion."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from layercheck.implementations.functions import DIFFERS, alike, fickle, left_away
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer, Reply, begin_bare
from layercheck.judging.judge import Judged, judging
from layercheck.judging.together import Judging, together
from layercheck.reporting.records import Comparison

from .answers import Gathered, Gatherer
from .drawn import look_at_masks, without_drawn
from .opinions import second_opinions
from .outcome import Outcome
from .probes.run import probe_layer

Progress = Callable[[Judged], None]
AT_ONCE = 32
"""How many cases are judged side by side."""


def judge_layer(
    layer: Layer, gatherer: Gatherer, gathered_tasks: Iterable[Gathered], progress: Progress
) -> Iterator[Outcome]:
    """The outcomes of one layer's tasks, in their order; interrupted, those that there are."""
    outcomes: list[Outcome] = []
    interruption: KeyboardInterrupt | None = None
    try:
        for batch in batched(gathered_tasks, AT_ONCE):
            replies = [(gathered, gathered.reply) for gathered in batch]
            for gathered, judged in zip(batch, judged_together(gatherer, replies), strict=True):
                outcomes.append(Outcome(gathered, judged))
                progress(judged)
        outcomes += hunted(layer, gatherer, outcomes)
        steady = without_drawn(outcomes)
        if gatherer.subject.is_file:
            ask_again(gatherer, steady)
        if not gatherer.subject.is_oracle:
            second_opinions(layer, steady)
            look_at_masks(outcomes)
            probe_layer(layer, steady)
    except KeyboardInterrupt as error:
        interruption = error
    for outcome in outcomes:
        outcome.judged.own = [signed(c, outcome.task.layer) for c in outcome.judged.own]
        yield outcome
    if interruption is not None:
        raise interruption


def hunted(layer: Layer, gatherer: Gatherer, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of further cases, which run what those of the plan did not."""
    if gatherer.hunter is None:
        return []
    replies = ((one.task, one.gathered.reply) for one in outcomes)
    tasks = gatherer.hunter.tasks(layer, replies)
    gathered = [gatherer.ask(task)() for task in tasks]
    judged = judged_together(gatherer, [(one, one.reply) for one in gathered])
    return [Outcome(*both) for both in zip(gathered, judged, strict=True)]


def batched(gathered: Iterable[Gathered], size: int) -> Iterator[list[Gathered]]:
    """So many at a time; interrupted, those that there are."""
    batch: list[Gathered] = []
    interruption: KeyboardInterrupt | None = None
    try:
        for one in gathered:
            batch.append(one)
            if len(batch) == size:
                yield batch
                batch = []
    except KeyboardInterrupt as error:
        interruption = error
    if batch:
        yield batch
    if interruption is not None:
        raise interruption


def judged_together(gatherer: Gatherer, replies: Sequence[tuple[Gathered, Reply]]) -> list[Judged]:
    """The verdicts of replies."""
    return together([judging_of(gatherer, gathered, reply) for gathered, reply in replies])


def judged_of(gatherer: Gatherer, gathered: Gathered, reply: Reply) -> Judged:
    """The verdict of one reply."""
    return judged_together(gatherer, [(gathered, reply)])[0]


def judging_of(gatherer: Gatherer, gathered: Gathered, reply: Reply) -> Judging[Judged]:
    """How one reply is judged."""
    subject = gathered.task.layer.implementation
    oracles = {name: gatherer.oracles[name] for name in gathered.replies}
    return judging(gathered.facts, subject, reply, gathered.replies, oracles)


def signed(comparison: Comparison, layer: Layer) -> Comparison:
    """The comparison with the name of the function that it is of."""
    return replace(comparison, function=layer.function_of(comparison.part))


# ---------------------------------------------------------------------- state between calls


def ask_again(gatherer: Gatherer, outcomes: list[Outcome]) -> None:
    """Ask in another order, with fresh buffers, and without arguments that are at their default: a
    part that gives other bits has failed."""
    answered = [outcome for outcome in outcomes if outcome.answer is not None]
    random.Random(len(answered)).shuffle(answered)
    asked = [(o, begin_bare(o.task.layer.implementation, o.task.case)) for o in answered]
    for outcome, reply_of in asked:
        first, second = outcome.answer, answer_of(reply_of())
        assert first is not None
        if not alike(first, second):
            case, subject = outcome.task.case, outcome.task.layer.implementation
            repeats = second.called != first.called and alike(
                first, answer_of(subject.answer(case))
            )
            failed = second.failures.get("forward")
            if repeats and failed is not None:  # it has to be given, which is no other value
                said = str(failed).splitlines()[0]
                outcome.note("forward", f"with {second.called} it fails: {said}")
                continue
            why = left_away(second.called) if repeats else DIFFERS
            told = fickle(first, second, case.op, why)
            outcome.judged = judged_of(gatherer, outcome.gathered, told)


def answer_of(reply: Reply) -> Answer:
    """The answer; an empty one for what is none."""
    return reply if isinstance(reply, Answer) else Answer({})
