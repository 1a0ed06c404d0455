"""The derivative of a function that takes complex numbers, unrounded."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from oracles.oracle import Array

from .slopes import Function, Slope, moved, output, rounding

STEP = 2.0**-17
"""About u**(1/3): where a central difference's truncation and its rounding are alike."""

COMPLEX_STEP = 2.0**-60
"""So small that its square is lost beside 1: the imaginary part is the derivative, unrounded."""


def allows_complex(f: Function, inputs: Sequence[Array], number: int) -> bool:
    """Whether the complex step tells the truth of f: it keeps the imaginary part, and agrees in
    every output with a difference in one direction (abs, maximum and comparisons do not)."""
    value = inputs[number]
    direction = np.random.RandomState(1).random_sample(value.shape) + 0.5
    own = list(inputs)
    made = []
    try:
        for by in (1j * COMPLEX_STEP, STEP, -STEP):
            own[number] = value + by * direction
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of an imaginary part that f drops
                made.append(output(f, own))
    except Exception:  # f is anybody's: whatever it raises, it does not take complex numbers
        return False
    told, ahead, behind = made
    if told.dtype != np.complex128:
        return False
    by_step = told.imag / COMPLEX_STEP
    by_difference = (ahead - behind) / (2 * STEP)
    near = np.abs(by_step - by_difference) <= (np.abs(by_step) + np.abs(by_difference)) * STEP
    return bool(near.all())


def complex_slope(
    f: Function, inputs: Sequence[Array], number: int, place: tuple[int, ...], dout: Array
) -> Slope:
    """By two steps, which round differently; what else is off is the rounding of the sum."""
    terms = [
        output(f, moved(inputs, number, place, 1j * step)).imag / step * dout
        for step in (COMPLEX_STEP, COMPLEX_STEP * 1.375)
    ]
    near, far = (float(t.sum()) for t in terms)
    size = float(np.abs(terms[0]).sum())
    return Slope(near, abs(near - far) + rounding(dout.size + inputs[number].size) * size)
