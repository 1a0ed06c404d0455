"""The gradient of an elementwise layer with a factor of its slope to another power: sech for
sech^2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from oracles.oracle import Array
from ref_layers import OPS

from .instead import ROUNDINGS, is_by_formula
from .shown import Shown, unit_of

RANK = 18
POWERS = {"the square root": 0.5, "the square": 2.0, "the cube": 3.0}
"""What stands in a factor's place, in words."""

OF_PRODUCT = "right, but its slope, P + x P' where out is x P, has {{}} {} in its place"
"""What is said of a factor of its second term."""


@dataclass(frozen=True)
class Factor:
    """dx = dout (rest + times factor). words: what dx is with `{}` the factor."""

    words: str
    factor: Array
    times: Array
    rest: Array

    def to(self, power: float, more: float = 0.0) -> Array:
        """The slope with the factor to another power, its sign kept. more: how much larger it is
        than that."""
        size = np.maximum(np.abs(self.factor) + more, 0) ** power
        return np.asarray(self.rest + self.times * np.where(self.factor < 0, -size, size))


def true(shown: Shown) -> Iterator[str]:
    """`dx is dout times the square root of the slope`, `dx is right, but its slope, P + x P' where
    out is x P, has the square root of sech^2 (4 P (1 - P)) in its place`."""
    if shown.name != "dx" or not shown.fits or not np.isfinite(shown.right).all():
        return
    dout = shown.seen.question.dout.astype(np.longdouble)
    with np.errstate(all="ignore"):
        for one in factors(shown):
            for words, power in POWERS.items():
                sentence = f"dx is {one.words.format(f'{words} of')}"
                if shown.wants(sentence) and is_to(shown, one, power, dout):
                    yield sentence


def is_to(shown: Shown, one: Factor, power: float, dout: Array) -> bool:
    """Whether the array is what the factor to this power gives: as far as the roundings move it
    that made the factor, which may be the difference of two numbers of size 1."""
    value, by = dout * one.to(power), ROUNDINGS * unit_of(shown.seen.case.dtype)
    moved = [np.abs(dout * one.to(power, step) - value) for step in (by, -by)]
    return is_by_formula(shown, value, np.fmax(*moved), np.fmax(*moved))


def factors(shown: Shown) -> Iterator[Factor]:
    """The slope itself, and factors of the second term of a product's slope, P + x P', where the
    layer is x P: P' is a multiple of P (1 - P), which is sech^2 / 4, where P is a sigmoid or half
    of 1 + tanh."""
    question = shown.seen.question
    x, out = question.inputs["x"], shown.seen.truth.get("out")
    if len(question.inputs) > 1 or out is None or not x.shape == question.dout.shape == out.shape:
        return
    slope = slope_of(shown)
    if slope is None:
        return
    yield Factor("dout times {} the slope", slope, np.ones_like(slope), np.zeros_like(slope))
    share = np.where(x == 0, slope, np.divide(out, x, dtype=np.longdouble))
    both = share * (1 - share)
    known = {"P (1 - P)": both, "sech^2 (4 P (1 - P))": 4 * both, "P": share, "(1 - P)": 1 - share}
    yield Factor(
        OF_PRODUCT.format("P'"), (slope - share) / np.where(x == 0, 1, x), x + 0 * share, share
    )
    for words, factor in known.items():
        times = np.where(factor == 0, 0, (slope - share) / factor)
        yield Factor(OF_PRODUCT.format(words), factor, times, share)


def slope_of(shown: Shown) -> Array | None:
    """The layer's gradient for dout = 1; None of a layer that does not work number by number: there
    dout times that is the gradient, by half of the digits at least, else by none."""
    question = shown.seen.question
    wide = question.astype("longdouble")
    try:
        right, slope = (
            np.asarray(OPS[question.op].run(wide.inputs, wide.attributes, dout)["dx"])
            for dout in (wide.dout, np.ones_like(wide.dout))
        )
    except Exception:  # a layer need not take another arithmetic
        return None
    half = float(np.sqrt(np.finfo(right.dtype).eps))
    return slope if np.allclose(wide.dout * slope, right, rtol=half, atol=0) else None
