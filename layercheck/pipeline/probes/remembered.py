"""Arrays that look like those of an earlier call: nothing may be taken from there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from layercheck.cases.case import Case
from layercheck.implementations.functions import same
from layercheck.implementations.script import Performed
from layercheck.judging.facts import drawn_facts, near_facts
from layercheck.submissions.profiles.performing import Step
from oracles.oracle import Array, Question
from ref_layers import OPS

from .asked import Alone, Asked, Asks, backwards, within
from .memory import judged_anew, parted
from .moved import answers, larger, moved

FORWARD: Step = ("forward", 0, 0)

TURNS, LONGEST = 8, 0.002
"""A forward that takes longer than so many seconds of processor time at a small case is not asked
with large arrays; it is asked so often for it."""

WHERE = (0.45, 1.0)
"""How far along a large array a number is moved: within it, along each axis, and at its end."""

Changes = list[tuple[Question, str]]
"""Questions, each with what it has otherwise than the first one."""


def remembered(asked: Asked) -> Asks:
    """A forward and a backward, then others of which one array alone is another: the same numbers
    in another order, other labels, or one number that differs by a little; in the middle of a large
    array, too. Judged by the bounds."""
    question = asked.question
    changed = [*other_orders(question), *other_labels(question), *by_a_little(question)]
    yield from after(asked, question, changed, asked.once)
    quick: Performed = yield asked.script([FORWARD], times=TURNS, seconds=TURNS * LONGEST)
    if quick.failures or quick.times < TURNS:
        asked.note("forward", "not asked with large arrays: it is slow")
        return
    for name in ("x", *list(weights(question))[:1]):
        large = larger(asked.layer, asked.case, name)
        if large is not None:
            when = f"asked with another number of {name} among many"
            ends = [moved(large.question, name, share) for share in WHERE]
            others = [(one, when) for one in ends if one is not None]
            yield from after(asked, large.question, others, [FORWARD], large)


def after(
    asked: Asked,
    first: Question,
    changed: Changes,
    each: Sequence[Step],
    case: Case | None = None,
) -> Asks:
    """What a layer makes of other questions after this one.

    each: the steps of every question · case: which the first question is, if it was not judged yet.
    """
    if not changed:
        return
    steps = [(part, n, n) for n in range(len(changed) + 1) for part, _, _ in each]
    performed: Performed = yield asked.script(steps, first, *(one for one, _ in changed))
    failed = min(performed.failures, default=0) // len(each)
    yield from asked.broken(performed, steps, changed[max(failed - 1, 0)][1])
    if performed.failures:
        return
    if case is not None:
        known = parted(drawn_facts(case), [part for part, _, _ in each])
        if any(judged_anew(asked, performed.steps[0], known)):
            yield Alone(case)
            return
    for number, (question, when) in enumerate(changed, 1):
        known = parted(near_facts(asked.case, question), [part for part, _, _ in each])
        made: dict[str, Any] = {}
        for step in performed.steps[number * len(each) : (number + 1) * len(each)]:
            made.update(step)
        wrong = list(judged_anew(asked, made, known))
        for one in wrong:
            yield replace(one, reason=f"{when}: {one.reason or f'{one.array} is wrong'}")
        if wrong:
            return


def weights(question: Question) -> Iterator[str]:
    """The parameters of more than one axis."""
    roles = OPS[question.op].inputs
    for name, value in question.inputs.items():
        if roles[name].draw == "weight" and value.ndim > 1:
            yield name


# ---------------------------------------------------------------------- what is changed


def other_orders(question: Question) -> Iterator[tuple[Question, str]]:
    """x, each other array, and dout alone, with their numbers in another order: of x and dout the
    first and the last stay where they are."""
    turned = {n: (backwards if n != "x" else within) for n in question.inputs}
    for name, turn in turned.items():
        if OPS[question.op].inputs[name].draw.startswith("labels"):
            continue
        told = "others of the same ends" if name == "x" else f"the same x and another {name} alone"
        yield from apart(question, name, [turn(question.inputs[name])], f"asked with {told}")
    if not same(dout := within(question.dout), question.dout):
        yield replace(question, dout=dout), "asked with the same inputs and another dout"


def other_labels(question: Question) -> Iterator[tuple[Question, str]]:
    """The same scores with other labels: the last one alone, and all in another order."""
    for name, value in question.inputs.items():
        role, _, _ = OPS[question.op].inputs[name].draw.partition(":")
        if role == "labels":
            last = value.copy()
            last[-1] = (last[-1] + 1) % question.inputs["x"].shape[1]
            when = f"asked with the same x and other {name}"
            yield from apart(question, name, [last], when)
            yield from apart(question, name, [within(value), backwards(value)], when)


def by_a_little(question: Question) -> Iterator[tuple[Question, str]]:
    """Each array of numbers with one of them moved by a little."""
    for name in question.inputs:
        other = moved(question, name)
        if other is not None:
            yield other, f"asked with one number of {name} moved by a little"


def apart(
    question: Question, name: str, values: Sequence[Array], when: str
) -> Iterator[tuple[Question, str]]:
    """The question with the first of some values of one input by which the answer is another."""
    for value in values:
        other = replace(question, inputs={**question.inputs, name: value})
        right = answers(question)
        if any(not same(one, right[n]) for n, one in answers(other).items()):
            yield other, when
            return
