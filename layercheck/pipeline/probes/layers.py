"""Several layers in training: each has its own mask, and its own running statistics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from layercheck.implementations.script import Performed
from layercheck.submissions.profiles.performing import Step
from layercheck.submissions.profiles.target import SEEDED
from oracles.oracle import Array, Question

from .asked import Asked, Asks, Held, held, other_values
from .calls import MANY

UNLIKELY = 1e-9
"""How seldom a right dropout may draw one mask each time."""


def masks(asked: Asked) -> Asks:
    """A dropout in training, and others of its shape, then its backward: by its own mask, also
    where all are given one dictionary of settings."""
    if not asked.gradients:
        return
    turned = of_another_shape(asked.question)
    tried = [("forward", list(of_seeds(asked.question)), f"after {MANY} other layers")]
    if turned is not None:
        more = "after another layer with the same dictionary"
        tried += [("shared", [asked.question, turned], more)]
    for ask, questions, when in tried:
        steps: list[Step] = [(ask, n, n) for n in range(len(questions))]
        steps += [("backward", 0, 0)]
        performed: Performed = yield asked.script(steps, *questions)
        yield from asked.broken(performed, steps, when)
        if performed.failures:
            return
        found = list(by_its_mask(asked.question, performed, f"backward {when}"))
        yield from found
        if found:
            return


def unseeded(asked: Asked) -> Asks:
    """A dropout of the course without a seed, as its networks call it: forward and backward go by
    one mask, and further forwards draw others."""
    if SEEDED not in asked.layer.habits:
        return
    steps: list[Step] = [("unseeded", n, 0) for n in range(MANY + 1)]
    steps += [("backward", 0, 0)] if asked.gradients else []
    performed: Performed = yield asked.script(steps)
    when = "without a seed"
    yield from asked.broken(performed, steps, when)
    if performed.failures:
        return
    yield from by_its_mask(asked.question, performed, f"backward {when}")
    x, p = asked.question.inputs["x"], float(asked.case.all_attributes["p"])
    made = (step.get("out") for step in performed.steps[: MANY + 1])
    outs = [np.asarray(out) for out in made if is_like(out, x)]
    alike = (p * p + (1 - p) ** 2) ** (np.count_nonzero(x) * MANY / 2)
    if len(outs) > MANY and alike < UNLIKELY and all(np.array_equal(o, outs[0]) for o in outs):
        kept = np.where(x != 0, outs[0] != 0, False).astype(float)
        than = "another mask in each call"
        if kept.any() and not kept[x != 0].all():  # of what drops all, or none, no seed is known
            than += ": a seed that nobody gave decides it"
        yield Held("forward", "out", f"{MANY} further forwards {when}", 1 - kept, kept, than)


def of_seeds(question: Question) -> Iterator[Question]:
    """The question, and others of its shape whose masks are drawn anew."""
    other = other_values(question)
    yield question
    for seed in range(1, MANY + 1):
        yield replace(other, attributes={**other.attributes, "mask_seed": seed})


def of_another_shape(question: Question) -> Question | None:
    """The question of a layer of another shape, whose seed may well be the same; None where that
    has the same."""
    inputs = {name: value.swapaxes(0, 1) for name, value in question.inputs.items()}
    if inputs["x"].shape == question.inputs["x"].shape:
        return None
    return replace(question, inputs=inputs, dout=question.dout.swapaxes(0, 1))


def by_its_mask(question: Question, performed: Performed, when: str) -> Iterator[Held]:
    """Where the gradient passes, held against where the forward kept x."""
    out, dx = performed.steps[0].get("out"), performed.steps[-1].get("dx")
    x, dout = question.inputs["x"], question.dout
    if not (is_like(out, x) and is_like(dx, x)):
        return  # the cases tell
    seen = (x != 0) & (dout != 0)
    kept, passed = (np.where(seen, one != 0, False).astype(float) for one in (out, dx))
    if not np.array_equal(kept, passed):
        yield Held("backward", "dx", when, passed, kept, "masked as its own forward's out")


def is_like(value: Any, x: Array) -> bool:
    """Whether a value is an array of this shape."""
    return isinstance(value, np.ndarray) and value.shape == x.shape


def statistics(asked: Asked) -> Asks:
    """Running statistics of one layer, before and after another's forward in training."""
    steps: list[Step] = [("forward", 0, 0), ("state", 0, 0), ("forward", 1, 1), ("state", 0, 0)]
    performed: Performed = yield asked.script(steps, asked.question, other_values(asked.question))
    when = "running statistics after another layer's forward"
    yield from asked.broken(performed, steps, when)
    if not performed.failures:
        before = {n: v for n, v in performed.steps[1].items() if isinstance(v, np.ndarray)}
        for one in held(performed, 3, when, before, "forward"):
            yield replace(one, than="what it was before")
