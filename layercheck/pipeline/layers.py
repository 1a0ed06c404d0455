"""A layer's tasks judged: case by case, then asked again, then held against its own forward."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from layercheck.implementations.functions import fickle, same
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer, Reply, begin
from layercheck.judging.judge import Judged, judging
from layercheck.judging.own_forward import HasOutputs, follows_own_forward
from layercheck.judging.together import Judging, together
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict

from .answers import Gathered, Gatherer
from .plan import Task

Progress = Callable[[Judged], None]
AT_ONCE = 32
"""How many cases are judged side by side."""

TRIED = 3
"""At how many cases a wrong gradient is held against its own forward."""

MOST_ELEMENTS = 2000
"""Larger cases are not: the derivative's rounding error would hide too much."""


@dataclass
class Outcome:
    """A task and what it came to."""

    task: Task
    judged: Judged


def judge_layer(
    gatherer: Gatherer, gathered_tasks: Iterable[Gathered], progress: Progress
) -> Iterator[Outcome]:
    """The outcomes of one layer's tasks, in their order; interrupted, those that there are."""
    outcomes: list[Outcome] = []
    kept: list[Gathered] = []
    interruption: KeyboardInterrupt | None = None
    try:
        for batch in batched(gathered_tasks, AT_ONCE):
            replies = [(gathered, gathered.reply) for gathered in batch]
            for gathered, judged in zip(batch, judged_together(gatherer, replies), strict=True):
                outcomes.append(Outcome(gathered.task, judged))
                kept += [gathered] if gatherer.subject.is_file else []
                progress(judged)
        ask_again(gatherer, outcomes, kept)
    except KeyboardInterrupt as error:
        interruption = error
    if not gatherer.subject.is_oracle:
        credit_own_forward(outcomes)
    for outcome in outcomes:
        outcome.judged.own = [signed(c, outcome.task.layer) for c in outcome.judged.own]
        yield outcome
    if interruption is not None:
        raise interruption


def batched(gathered: Iterable[Gathered], size: int) -> Iterator[list[Gathered]]:
    """So many at a time."""
    remaining = iter(gathered)
    while batch := list(islice(remaining, size)):
        yield batch


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


def ask_again(gatherer: Gatherer, outcomes: list[Outcome], kept: Sequence[Gathered]) -> None:
    """Ask in another order, with fresh buffers: a part that gives other bits has failed."""
    order = [i for i, gathered in enumerate(kept) if isinstance(gathered.reply, Answer)]
    random.Random(len(order)).shuffle(order)
    asked = [(i, begin(kept[i].task.layer.implementation, kept[i].task.case)) for i in order]
    for i, reply_of in asked:
        first, task, reply = kept[i].reply, kept[i].task, reply_of()
        assert isinstance(first, Answer)
        second = reply if isinstance(reply, Answer) else Answer({})
        if not alike(first, second):
            told = fickle(first, second, task.case.op)
            outcomes[i].judged = judged_of(gatherer, kept[i], told)


def alike(first: Answer, second: Answer) -> bool:
    """Whether two answers are the same bit for bit, or fail in the same parts."""
    names = first.arrays.keys() | second.arrays.keys()
    if first.failures.keys() != second.failures.keys():
        return False
    return all(same(first.arrays.get(name), second.arrays.get(name)) for name in names)


# ---------------------------------------------------------------------- whose gradient it is


def credit_own_forward(outcomes: Sequence[Outcome]) -> None:
    """A gradient that is right for its own wrong forward is `consistent`: that one is to blame.

    Also in cases whose values hide what is wrong with the forward, as at a kink.
    """
    beside_wrong = [o for o in outcomes if any(is_wrong(c, "forward") for c in o.judged.own)]
    suspects: dict[str, list[Outcome]] = {}
    for outcome in outcomes if beside_wrong else ():
        for array in {c.array for c in outcome.judged.own if is_wrong(c, "backward")}:
            suspects.setdefault(array, []).append(outcome)
    for array, cases in suspects.items():
        groups = [[o for o in cases if (o in beside_wrong) is wrong] for wrong in (True, False)]
        asked = [task for group in groups for task in smallest(group)]
        told = [follows(task.layer, task, array) for task in asked]
        if groups[0] and told and all(told):
            for outcome in cases:
                outcome.judged.own = [credited(c, array) for c in outcome.judged.own]
        elif False in told:
            for outcome in cases:
                add_note(outcome.judged, f"{array} is not the derivative of its own forward either")


def smallest(outcomes: Sequence[Outcome]) -> list[Task]:
    """The first TRIED by size that are not too large to be tried."""
    tasks = sorted((o.task for o in outcomes), key=lambda task: task.case.elements)
    return [task for task in tasks[:TRIED] if task.case.elements <= MOST_ELEMENTS]


def is_wrong(comparison: Comparison, part: str) -> bool:
    """Whether a part gave wrong values."""
    return comparison.part == part and comparison.verdict is Verdict.WRONG


def follows(layer: Layer, task: Task, array: str) -> bool | None:
    """Whether a gradient is the derivative of its own forward; None: cannot tell."""
    implementation = layer.implementation
    if not isinstance(implementation, HasOutputs):
        return None
    return follows_own_forward(implementation, task.case, array)


def add_note(judged: Judged, text: str) -> None:
    """Tell something of a case's backward."""
    told = judged.notes.get("backward", ())
    judged.notes = {**judged.notes, "backward": (*told, text)}


def credited(comparison: Comparison, array: str) -> Comparison:
    """A wrong gradient by its better name."""
    if not is_wrong(comparison, "backward") or comparison.array != array:
        return comparison
    reason = f"{array} is right for its own forward; the forward is wrong"
    return replace(comparison, verdict=Verdict.CONSISTENT, reason=reason)
