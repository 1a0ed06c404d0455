"""Questions that hardly differ from another: one number is moved, by more than rounding does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil, prod

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.text import Shape
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
    if by is None or not value.size or role not in ("data", "weight", "state", "positive"):
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


def larger(layer: Layer, case: Case, name: str) -> Case | None:
    """The case with one array longer than NumPy writes out: along its first two axes alike, or
    along one; None where there is no such case that the layer is asked."""
    if 0 in case.shapes[name]:
        return None
    along = [symbol.split("*") for symbol in OPS[case.op].inputs[name].symbols]
    free = [next((s for s in one if is_free(case, s)), "") for one in along]
    free = [symbol for symbol in free[: len(case.shapes[name])] if symbol]
    for symbols in ([free[:2]] if len(free) > 1 else []) + [[symbol] for symbol in free]:
        other = replace(case, shapes=grown(case, name, symbols))
        try:
            fits = not layer.refuses(other) and not layer.goes_beyond(other)
            if fits and 0 not in other.out_shape:
                return other
        except (ValueError, TypeError):
            continue
    return None


def is_free(case: Case, symbol: str) -> bool:
    """Whether a size may be any number, as far as attributes go."""
    return symbol not in OPS[case.op].attributes and symbol != "one"


def grown(case: Case, name: str, symbols: Sequence[str]) -> dict[str, Shape]:
    """The shapes with these symbols' sizes multiplied, until one array is large and about as long
    along each of them."""
    inputs, shape = OPS[case.op].inputs, case.shapes[name]
    at = [i for i, of in enumerate(inputs[name].symbols) if {*of.split("*")} & {*symbols}]
    others = prod(size for i, size in enumerate(shape) if i not in at)
    length = ceil((LARGE / max(others, 1)) ** (1 / len(symbols)))
    times = {s: max(1, ceil(length / shape[i])) for s, i in zip(symbols, at, strict=True)}
    return {
        n: tuple(
            size * prod(times.get(part, 1) for part in of.split("*"))
            for of, size in zip(inputs[n].symbols, sizes, strict=False)
        )
        for n, sizes in case.shapes.items()
    }
