"""The first step of training: what running statistics begin with where nobody gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from layercheck.implementations.protocol import Failure
from layercheck.implementations.script import Performed
from layercheck.judging.facts import near_facts
from layercheck.submissions.profiles.performing import Step
from layercheck.submissions.profiles.target import KEEPS
from oracles.oracle import Array, Question

from .asked import Asked, Asks, Broke, Found
from .memory import among, judged_anew
from .objects import running

BEGINS = {"running_mean": (0.0,), "running_var": (0.0, 1.0)}
"""What each may begin with: the course's templates have zeros, torch ones for the variance."""


def first_step(asked: Asked) -> Asks:
    """The statistics after a forward in training, with a dictionary that has none. Judged by the
    bounds of the step from what they may begin with."""
    given = running(asked.question)
    if KEEPS not in asked.layer.habits or given.keys() != BEGINS.keys():
        return
    inputs = {n: v for n, v in asked.question.inputs.items() if n not in given}
    steps: list[Step] = [("forward", 0, 0), ("state", 0, 0)]
    performed: Performed = yield asked.script(steps, replace(asked.question, inputs=inputs))
    when = "with a dictionary without running statistics"
    yield from asked.broken(performed, steps, when)
    if not performed.failures:
        for name in BEGINS:
            yield from judged(asked, name, performed.steps[1], when)


def judged(asked: Asked, name: str, state: Mapping[str, Array], when: str) -> Iterator[Found]:
    """One statistic, which may begin with any of some numbers; that it is not the first is told."""
    if name not in state:
        yield Broke("forward", when, Failure("no array", f"{name} is missing afterwards"))
        return
    found: list[list[Found]] = []
    for begin in BEGINS[name]:
        found.append(list(beyond(asked, name, state, begin)))
        if not found[-1]:
            if len(found) > 1:
                asked.note("forward", f"{name} begins at {begin:g}, as torch's does")
            return
    yield from found[0]


def beyond(asked: Asked, name: str, state: Mapping[str, Array], begin: float) -> Iterator[Found]:
    """What is wrong of it if it begins so."""
    known = among(near_facts(asked.case, begun(asked, name, begin)), [name])
    yield from judged_anew(asked, state, known)


def begun(asked: Asked, name: str, begin: float) -> Question:
    """The question with this statistic all alike before."""
    inputs = asked.question.inputs
    return replace(asked.question, inputs={**inputs, name: np.full_like(inputs[name], begin)})
