"""The same arrays with other attributes in between: they belong to a call, and to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.implementations.layer import Layer
from layercheck.implementations.script import Performed
from layercheck.judging.facts import near_facts
from layercheck.submissions.profiles.performing import Step

from ..attributes import APART, differ, outputs
from .asked import Asked, Asks, held
from .memory import beyond_bounds, judged_anew, parted

MOST = 4
"""How many attributes are changed at most, one at a time."""

MODES = (*APART, "training")
"""What another probe changes, or nobody can."""


def other_attributes(asked: Asked) -> Asks:
    """Forward of this case, forward and backward with another value of an attribute, then backward
    of the first, and its forward again. Of a layer that fails by itself nothing would be learnt."""
    for name, other in islice(others(asked.layer, asked.case), MOST if asked.unfailing else 0):
        question, parts = other.question, asked.layer.parts(other)
        second: list[Step] = [(part, 1, 1) for part in parts]
        first: list[Step] = [("backward", 0, 0)] if asked.gradients else []
        steps: list[Step] = [("forward", 0, 0), *second, *first, ("forward", 2, 0)]
        performed: Performed = yield asked.script(steps, asked.question, question)
        between = f"after {name}={other.all_attributes[name]}"
        made = dict(performed.steps[1]) if len(performed.steps) > 1 else {}
        known = parted(near_facts(asked.case, question), parts)
        out = made.get("out")
        if out is not None and np.shape(out) != question.dout.shape:  # no dout fits
            yield from beyond_bounds(asked, {"out": out}, parted(known, ("forward",)))
            continue
        yield from asked.broken(performed, steps, between)
        if performed.failures:
            continue
        if first:
            told = f"backward {between}"
            yield from held(performed, len(steps) - 2, told, asked.gradients, "backward")
        told = f"forward again {between}"
        yield from held(performed, len(steps) - 1, told, asked.outputs, "forward")
        made.update(performed.steps[2] if "backward" in parts else {})
        yield from judged_anew(asked, made, known)


def others(layer: Layer, case: Case) -> Iterator[tuple[str, Case]]:
    """For each attribute that a signature has a place for the same arrays with another value of it,
    where that makes a difference."""
    for name in layer.accepted:
        if name in MODES:
            continue
        for value in dict.fromkeys(case.all_attributes[name] for case in quick(layer.op)):
            other = with_value(layer, case, name, value)
            if other is not None and not layer.goes_beyond(other):
                yield name, other
                break


def with_value(layer: Layer, case: Case, name: str, value: Any) -> Case | None:
    """The case with another value of an attribute; None where it cannot be asked or is the same."""
    if value == case.all_attributes[name]:
        return None
    other = replace(case, attributes={**case.attributes, name: value})
    try:
        fits = not layer.refuses(other) and 0 not in other.out_shape
        apart = differ(outputs(case, case.attributes), outputs(other, other.attributes))
        return other if fits and apart else None
    except (ValueError, TypeError):
        return None
