"""Arrays that look like those of an earlier call: nothing may be taken from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from layercheck.judging.facts import facts_of
from layercheck.submissions.profiles.performing import Step
from oracles.oracle import Array, Question

from .asked import Asked, Found, in_dtype_of
from .memory import beyond_bounds


def remembered(asked: Asked) -> Iterator[Found]:
    """A forward, then one of the same shapes and parameters whose x has the same numbers, of which
    those between the first and the last stand in the opposite order; judged by the bounds."""
    changed = turned_within(asked.question)
    if np.array_equal(changed.inputs["x"], asked.question.inputs["x"], equal_nan=True):
        return
    steps: list[Step] = [("forward", 0, 0), ("forward", 1, 1)]
    steps += [("backward", 1, 1)] if asked.gradients else []
    performed = asked.perform(steps, asked.question, changed)
    yield from asked.broken(performed, steps, "asked with others of the same ends")
    if performed.failures:
        return
    wanted = {**asked.outputs, **asked.gradients}
    made: dict[str, Any] = {name: v for step in performed.steps[1:] for name, v in step.items()}
    arrays = {n: in_dtype_of(made[n], value) for n, value in wanted.items() if n in made}
    yield from beyond_bounds(asked, arrays, facts_of(asked.case, changed))


def turned_within(question: Question) -> Question:
    """The question with the inner numbers of x in the opposite order."""
    inputs = {**question.inputs, "x": within(question.inputs["x"])}
    return replace(question, inputs=inputs)


def within(value: Array) -> Array:
    """The first and the last number in their places, those between them turned."""
    flat = value.ravel()
    return np.concatenate([flat[:1], flat[1:-1][::-1], flat[-1:]]).reshape(value.shape)
