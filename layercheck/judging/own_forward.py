"""Whose gradient is it? A backward held against the derivative of the subject's own forward."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.protocol import Answer, Reply
from oracles.oracle import Array, Question

from .close import are_within
from .facts import drawn_facts
from .measure import Operand

STEP = 2.0**-17
"""About u**(1/3): where a central difference's truncation and rounding are alike in float64."""

DIRECTIONS = 3
"""In how many random directions the derivative is taken."""

KINK = 0.01
"""By how much of their size two slopes differ at a kink, at least: far more than they do by the
curvature over two steps."""


@runtime_checkable
class HasOutputs(Protocol):
    """An implementation whose forward can be asked alone."""

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """Its answer to a case."""
        ...

    def outputs(self, case: Case, question: Question) -> Array | None:
        """`out` alone, for other values; None if it fails."""
        ...


def follows_own_forward(subject: HasOutputs, case: Case, array: str) -> bool | None:
    """Whether a gradient is the derivative of the subject's own forward; None: cannot tell.

    Asked in float64 at normal values, which are seldom at a kink. Directional derivatives of
    sum(out * dout) by central differences at two step sizes; what they differ by, and their
    rounding error, is the tolerance. A gradient of zeros says nothing where the forward stays.
    """
    asked = replace(case, fill="normal", dtype="float64")
    try:
        question = asked.question
    except ValueError:
        return None
    got = gradient_of(subject.answer(asked), array)
    x = question.inputs.get(array.removeprefix("d"))
    if got is None or x is None or got.shape != x.shape or not np.isfinite(got).all():
        return None
    found = [agrees_along(subject, asked, array, got, seed) for seed in range(DIRECTIONS)]
    if None in found or (all(found) and not got.any()):
        return None
    return all(found)


def is_ordinarily_right(subject: HasOutputs, case: Case, array: str) -> bool:
    """Whether a gradient is what it should be at normal values: what is wrong of it elsewhere it
    need not owe to its forward."""
    asked = replace(case, fill="normal", dtype="float64")
    got, known = gradient_of(subject.answer(asked), array), drawn_facts(asked)
    if got is None or got.shape != known.truth.arrays[array].shape:
        return False
    right = known.truth.arrays[array]
    return are_within(Operand(got, right, known.bounds[array], 1.0, asked.dtype, known.truth_error))


def is_elsewhere(subject: HasOutputs, case: Case, array: str, place: tuple[int, ...]) -> bool:
    """Whether one element of a gradient, at the case's own values, is not the slope that the
    subject's own forward has there on both sides; at a kink nothing is said."""
    asked = replace(case, dtype="float64")
    question = asked.question
    got = gradient_of(subject.answer(asked), array)
    x = question.inputs.get(array.removeprefix("d"))
    if got is None or x is None or got.shape != x.shape or len(place) != x.ndim:
        return False
    direction = np.zeros(x.shape)
    direction[place] = max(1.0, abs(float(x[place])))
    with np.errstate(all="ignore"):
        return is_off(subject, asked, array, direction, float(got[place] * direction[place]))


def is_off(subject: HasOutputs, asked: Case, array: str, direction: Array, own: float) -> bool:
    """Whether a slope along a direction is not what there is on both sides of it."""
    moved = [weighted(subject, asked, array, step * direction) for step in (STEP, 0.0, -STEP)]
    after, here, before = moved
    if after is None or here is None or before is None:
        return False
    right = float((after.sum() - here.sum()) / STEP)
    left = float((here.sum() - before.sum()) / STEP)
    error = 2.0**-53 * after.size * float(np.abs(after).sum()) / STEP
    if not np.isfinite([right, left, error]).all():
        return False
    room = abs(right - left) + error + STEP * (abs(right) + abs(left))
    is_kink = abs(right - left) > KINK * (abs(right) + abs(left)) + 2 * error
    return not is_kink and bool(abs(own - (right + left) / 2) > room)


def gradient_of(reply: Reply, array: str) -> Array | None:
    """A gradient of an answer; None if there is none."""
    value: Any = reply.arrays.get(array) if isinstance(reply, Answer) else None
    return value.astype(np.float64) if isinstance(value, np.ndarray) else None


def agrees_along(subject: HasOutputs, case: Case, array: str, got: Array, seed: int) -> bool | None:
    """Whether the gradient gives the slope in one random direction; None: there is no slope."""
    direction = 2.0 * np.random.RandomState(seed).randint(0, 2, size=got.shape) - 1
    near = slope(subject, case, array, direction, STEP)
    far = slope(subject, case, array, direction, 2 * STEP)
    if near is None or far is None:
        return None
    own = float((got * direction).sum())
    rounding = 2.0**-52 * got.size * float(np.abs(got).sum())
    return abs(own - near[0]) <= abs(near[0] - far[0]) + near[1] + rounding


def slope(
    subject: HasOutputs, case: Case, array: str, direction: Array, step: float
) -> tuple[float, float] | None:
    """The central difference of sum(out * dout) along a direction, and its rounding error."""
    after = weighted(subject, case, array, step * direction)
    before = weighted(subject, case, array, -step * direction)
    if after is None or before is None:
        return None
    rounding = 2.0**-53 * after.size * np.abs(after).sum() / step
    return float((after.sum() - before.sum()) / (2 * step)), float(rounding)


def weighted(subject: HasOutputs, case: Case, array: str, change: Array) -> Array | None:
    """out * dout where the input that a gradient is of is changed; None where there is no out."""
    question, name = case.question, array.removeprefix("d")
    inputs = {**question.inputs, name: question.inputs[name] + change}
    out = subject.outputs(case, replace(question, inputs=inputs))
    if out is None or out.shape != question.dout.shape:
        return None
    return out.astype(np.float64) * question.dout
