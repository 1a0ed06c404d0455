"""An array against what it should be: its form, its errors, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from layercheck.reporting.records import Comparison, Part
from layercheck.reporting.verdict import Verdict
from layercheck.stages import stage
from ref_layers.op import Array

from .bounds import Bound
from .measure import EXTENDED, Figures, Operand, TruthError, measure

NO_LIMIT = "rounding may take every element anywhere: it is finite, and no more can be asked"
"""Why an array is not judged whose limits are all infinite."""


class Pairing(NamedTuple):
    """Who is compared with whom, on which case."""

    case: str
    op: str
    dtype: str
    subject: str
    against: str

    def note(self, part: Part, array: str, verdict: Verdict, reason: str) -> Comparison:
        """A comparison that has no figures."""
        return Comparison(**self._asdict(), part=part, array=array, verdict=verdict, reason=reason)


class Pair(NamedTuple):
    """One array that is to be compared.

    expected: the truth in longdouble, or another implementation's array · widening: how many bounds
    apart the two may be: 1 against the truth, 2 where both err · truth: how far off that may be ·
    form: how the array's form is off, where it was taken although it is.
    """

    pairing: Pairing
    part: Part
    array: str
    got: Any
    expected: Array
    bound: Bound
    widening: float = 1.0
    truth: TruthError = EXTENDED
    form: str = ""


Compared = Pair | Comparison
"""What is to be compared, or why there is nothing to compare."""


@stage("comparing")
def compared(pairs: Sequence[Compared]) -> list[Comparison]:
    """Judge arrays, all of them at once, in their order."""
    readied = [Readied(pair) if isinstance(pair, Pair) else pair for pair in pairs]
    operands = [r.operand for r in readied if isinstance(r, Readied) and r.operand is not None]
    figures = measure(operands)
    return [
        one
        if isinstance(one, Comparison)
        else one.judged(next(figures) if one.operand is not None else None)
        for one in readied
    ]


class Readied:
    """A pair in its comparable form.

    misfit: how shape or dtype are off · operand: None where nothing can be measured.
    """

    def __init__(self, pair: Pair) -> None:
        self.pair, self.got = pair, np.asarray(pair.got)
        dtype, expected = pair.pairing.dtype, pair.expected
        self.misfit = misfits(self.got, expected, dtype) or pair.form
        fitting = fitted(self.got, expected, dtype) if expected.size else None
        self.operand = None
        if fitting is not None:
            self.operand = Operand(fitting, expected, pair.bound, pair.widening, dtype, pair.truth)

    def judged(self, figures: Figures | None) -> Comparison:
        """What it comes to."""
        if figures is not None:
            verdict, reason = verdict_of(figures)
            if self.misfit:
                values = "right" if verdict.passes else f"{verdict} too"
                verdict, reason = Verdict.ERROR, f"{self.misfit}; its values are {values}"
            return self.comparison(verdict, reason, figures.fields)
        if self.misfit:
            return self.comparison(Verdict.ERROR, self.misfit, {})
        return self.comparison(Verdict.SKIPPED, "it has no elements", {})

    def comparison(self, verdict: Verdict, reason: str, figures: dict[str, Any]) -> Comparison:
        """The record."""
        return Comparison(
            **self.pair.pairing._asdict(),
            part=self.pair.part,
            array=self.pair.array,
            verdict=verdict,
            reason=reason,
            shape=size_text(self.got.shape),
            expected_shape=size_text(self.pair.expected.shape),
            **figures,
        )


def verdict_of(figures: Figures) -> tuple[Verdict, str]:
    """What the values of an array that fits come to, and why."""
    if figures.lost:
        return Verdict.ERROR, "not finite where the expected value is"
    if figures.found:
        return Verdict.WRONG, "the expected value is not finite there"
    if not figures.is_within:
        return Verdict.WRONG, ""
    if figures.is_vacuous:
        return Verdict.SKIPPED, NO_LIMIT
    return (Verdict.EXACT if figures.is_exact else Verdict.ROUNDING), ""


# ---------------------------------------------------------------------- shape and dtype


def misfits(got: Array, expected: Array, dtype: str) -> str:
    """How shape or dtype are wrong; empty if they are right."""
    if got.shape != expected.shape:
        return f"shape: got {got.shape}, expected {expected.shape}"
    wanted = np.dtype(dtype) if expected.dtype.kind == "f" else expected.dtype
    same = got.dtype.kind == "i" if wanted.kind == "i" else got.dtype == wanted
    return "" if same else f"dtype: got {got.dtype}, expected {wanted}"


def fitted(got: Array, expected: Array, dtype: str) -> Array | None:
    """The answer in the expected shape and dtype, where only sizes of 1 or the kind of number are
    off; None where its values cannot be held against the expected ones."""
    if got.dtype.kind not in "biuf" or squeezed(got.shape) != squeezed(expected.shape):
        return None
    wanted = np.dtype(dtype) if expected.dtype.kind == "f" else expected.dtype
    with np.errstate(all="ignore"):
        # a matrix stays one whatever it is reshaped to
        return np.asarray(got).reshape(expected.shape).astype(wanted, copy=False)


def squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def size_text(shape: tuple[int, ...]) -> str:
    """`2x3x5x7`, or `scalar`."""
    return "x".join(map(str, shape)) or "scalar"
