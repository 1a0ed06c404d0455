"""The bound of an answer: the reference layer run on Bounded arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oracles.oracle import Question
from ref_layers import OPS
from ref_layers.op import Array

from .bounded import SHIFTS, Bounded, wrap

INFINITE = 1024.0

SLACK = 4.0
"""How many probabilistic bounds an answer may be off; calibrated by tests/test_bounds.py."""


@dataclass(frozen=True)
class Bound:
    """How far rounding may move each element: with high probability, and in the worst case.

    unit: the unit roundoff that both were derived for; 0 where nothing is rounded.
    """

    likely: Array
    worst: Array
    unit: float = 0.0

    @property
    def limit(self) -> Array:
        """How far an answer may be off and still pass."""
        return limit_of(self.likely)

    def in_norm(self) -> Bound:
        """One bound for every element: that of sums which run over the whole array. What has no
        bound of its own gives the others none."""
        terms = np.sqrt(self.likely.size)
        likely, worst = (
            np.full_like(level, terms * level.max(where=np.isfinite(level), initial=0.0))
            for level in (self.likely, self.worst)
        )
        return Bound(likely, worst, self.unit)


def limit_of(likely: Array) -> Array:
    """How far an answer may be off and still pass, by the likely bound of its rounding."""
    return SLACK * likely


def bounds(question: Question) -> dict[str, Bound]:
    """The bound of each array of the reference layer's answer to a question, in its dtype."""

    def layer(asked: Question) -> Mapping[str, Array]:
        return OPS[asked.op].run(asked.inputs, asked.attributes, asked.dout)

    found = bounds_of(layer, question)
    kept = {n: value for n, value in question.inputs.items() if n in found}
    with np.errstate(all="ignore"):
        return {**found, **{n: moved(found[n], value) for n, value in kept.items()}}


def bounds_of(
    formula: Callable[[Question], Mapping[str, Array]], question: Question
) -> dict[str, Bound]:
    """The bound of each array that a formula gives, by running it on a question's inputs and dout
    as arrays that know their rounding error."""
    inputs, dout = bounded(question)
    with np.errstate(all="ignore"):
        arrays = formula(replace(question, inputs=inputs, dout=dout))
        return {name: bound_of(array) for name, array in arrays.items()}


def unshifted_bounds(question: Question) -> dict[str, Bound]:
    """The same for who does not subtract the maximum first, but the logarithm of a sum from x."""
    token = SHIFTS.set(False)
    try:
        return bounds(question)
    finally:
        SHIFTS.reset(token)


def bounded(question: Question) -> tuple[dict[str, Any], Any]:
    """A question's inputs and dout as arrays that know their rounding error."""
    given = {name: wrap(finite(v), question.dtype) for name, v in question.inputs.items()}
    return given, wrap(question.dout, question.dtype)


def finite(value: Array) -> Array:
    """An input whose infinities are so large that exp, tanh and the like have reached their limit:
    what is computed with a real one has no bound."""
    if value.dtype.kind != "f" or np.isfinite(value).all():
        return value
    return np.nan_to_num(value, posinf=INFINITE, neginf=-INFINITE)


def moved(bound: Bound, old: Array) -> Bound:
    """Of a running statistic, which may also be updated as `old + m (new - old)`: rounding of the
    old one counts however little of it is left."""
    more = bound.unit * np.abs(old.astype(np.float64))
    return Bound(bound.likely + more, bound.worst + more, bound.unit)


def bound_of(array: Any) -> Bound:
    """The bound that an array of an answer carries; none where it is plain."""
    if isinstance(array, Bounded):
        worst, likely = array.errors()
        return Bound(likely, worst, array.unit)
    zeros = np.zeros(np.shape(array))
    return Bound(zeros, zeros)
