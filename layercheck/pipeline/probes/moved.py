"""Questions that hardly differ from another: one number is moved, by more than rounding does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from oracles.oracle import Array, Question
from ref_layers import OPS

MOVED = {"float64": 2.0**-30, "float32": 2.0**-12}
"""By which share of itself: by less than float32 tells of float64, than four decimals, or than
`str` writes; by far more than rounding."""

SEEN = 2.0**-10
"""The answer has to move by at least this share of what would be usual."""

LARGE = 1001
"""From so many numbers on NumPy writes out an array's ends alone."""

TRIES = 8
"""How many places are tried for a number that matters: where a relu is 0, none does."""


def answers(question: Question) -> Mapping[str, Array]:
    """What the reference gives."""
    with np.errstate(all="ignore"):
        return OPS[question.op].run(question.inputs, question.attributes, question.dout)


def moved(question: Question, name: str, share: float = 0.5) -> Question | None:
    """The question with one number of an array moved so that the answer is seen to be another;
    None if no such number is found.

    share: how far along the array it is looked for, backwards from there.
    """
    value, by = question.inputs[name], MOVED.get(question.dtype.name)
    role = OPS[question.op].inputs[name].draw
    if by is None or role not in ("data", "weight", "state", "positive"):
        return None
    right, middle = answers(question), int(share * (value.size - 1))
    for place in range(middle, max(middle - TRIES, -1), -1):
        flat = value.ravel().copy()
        flat[place] *= 1 + by
        inputs = {**question.inputs, name: flat.reshape(value.shape)}
        other = replace(question, inputs=inputs)
        if tells(right, answers(other), by):
            return other
    return None


def tells(right: Mapping[str, Array], other: Mapping[str, Array], by: float) -> bool:
    """Whether some array differs by about as much as an input was moved."""
    for name, value in right.items():
        with np.errstate(all="ignore"):
            off, most = np.abs(other[name] - value), np.abs(value)
        if off.size and np.isfinite(off).all() and off.max() > SEEN * by * most.max():
            return True
    return False


def larger(layer: Layer, case: Case, name: str) -> Question | None:
    """The case's question with one array longer than NumPy writes out, along one of its axes; None
    where there is no such question that the layer is asked."""
    count = LARGE // max(prod(case.shapes[name]), 1) + 1
    inputs = OPS[case.op].inputs
    for symbol in inputs[name].symbols[: len(case.shapes[name])]:
        shapes = {
            n: tuple(
                size * count if of == symbol else size
                for of, size in zip(inputs[n].symbols, shape, strict=False)
            )
            for n, shape in case.shapes.items()
        }
        other = replace(case, shapes=shapes)
        try:
            fits = not layer.refuses(other) and not layer.goes_beyond(other)
            if fits and 0 not in other.out_shape:
                return other.question
        except (ValueError, TypeError):
            continue
    return None
