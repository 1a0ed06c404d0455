"""Arrays that look like those of an earlier call: nothing may be taken from there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from layercheck.implementations.functions import same
from layercheck.implementations.protocol import is_parameter
from layercheck.implementations.script import Performed
from layercheck.judging.facts import near_facts
from layercheck.submissions.profiles.performing import Step
from oracles.oracle import Question

from .asked import Asked, Asks, backwards, turned_within
from .memory import beyond_bounds, in_dtypes


def remembered(asked: Asked) -> Asks:
    """A forward, then one of the same shapes and parameters whose x has the same numbers, of which
    those between the first and the last stand in the opposite order; and one of the same x with
    other parameters. Judged by the bounds."""
    question = asked.question
    for changed, when in (
        (turned_within(question), "asked with others of the same ends"),
        (other_parameters(question), "asked with the same x and other parameters"),
    ):
        if not all(same(value, question.inputs[n]) for n, value in changed.inputs.items()):
            yield from after(asked, changed, when)


def after(asked: Asked, changed: Question, when: str) -> Asks:
    """What a layer makes of other values after those of its case."""
    steps: list[Step] = [("forward", 0, 0), ("forward", 1, 1)]
    steps += [("backward", 1, 1)] if asked.gradients else []
    performed: Performed = yield asked.script(steps, asked.question, changed)
    yield from asked.broken(performed, steps, when)
    if performed.failures:
        return
    wanted = {**asked.outputs, **asked.gradients}
    made: dict[str, Any] = {name: v for step in performed.steps[1:] for name, v in step.items()}
    yield from beyond_bounds(asked, in_dtypes(made, wanted), near_facts(asked.case, changed))


def other_parameters(question: Question) -> Question:
    """The question with the numbers of its parameters in the opposite order."""
    inputs = {n: backwards(v) if is_parameter(n) else v for n, v in question.inputs.items()}
    return replace(question, inputs=inputs)
