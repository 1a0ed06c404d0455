"""One array against what it should be: errors, and how they stand to the bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from layercheck.reporting.records import Comparison, Part
from layercheck.reporting.verdict import Verdict
from ref_layers.op import Array

from .bounds import Bound


@dataclass(frozen=True)
class TruthError:
    """kept: the relative error of each number as it is kept · accumulated: the unit roundoff of the
    arithmetic, of which an array's worst-case bound gathers as much as the layer does of its own.
    """

    kept: float
    accumulated: float


EXTENDED = TruthError(*(float(np.finfo(np.longdouble).eps) / 2,) * 2)
"""Of a truth that was computed and kept in longdouble."""


@dataclass(frozen=True)
class Pairing:
    """Who is compared with whom, on which case."""

    case: str
    op: str
    dtype: str
    subject: str
    against: str

    def note(self, part: Part, array: str, verdict: Verdict, reason: str) -> Comparison:
        """A comparison that has no figures."""
        return Comparison(**vars(self), part=part, array=array, verdict=verdict, reason=reason)


@dataclass(frozen=True)
class Errors:
    """Elementwise: |got - expected|, and its pass limit.

    odd: the elements whose place tells what they are (one of the two is not finite, the other is
    something else); they are infinitely wrong.
    """

    absolute: Array
    limit: Array
    odd: Array

    @property
    def within(self) -> bool:
        """Whether every element is within its limit."""
        return bool((self.absolute <= self.limit).all()) and not self.odd.any()


def compare(
    pairing: Pairing,
    part: Part,
    array: str,
    got: Any,
    expected: Array,
    bound: Bound,
    widening: float = 1.0,
    truth: TruthError = EXTENDED,
) -> Comparison:
    """Judge one array.

    expected: the truth in longdouble, or another implementation's array · widening: how many bounds
    apart the two may be: 1 against the truth, 2 where both err · truth: how far off that may be.
    """
    got = np.asarray(got)
    sizes = {"shape": size_text(got.shape), "expected_shape": size_text(expected.shape)}
    facts: dict[str, Any] = {**vars(pairing), "part": part, "array": array, **sizes}
    misfit = misfits(got, expected, pairing.dtype)
    fitting = fitted(got, expected, pairing.dtype)
    if fitting is None or (misfit and not expected.size):
        return Comparison(**facts, verdict=Verdict.ERROR, reason=misfit)
    if not expected.size:
        return Comparison(**facts, verdict=Verdict.SKIPPED, reason="it has no elements")
    errors = measure(fitting, expected, bound, widening, truth, pairing.dtype)
    figures = summarize(fitting, expected, errors, bound, pairing.dtype)
    verdict, reason = verdict_of(fitting, expected, errors)
    if misfit:
        values = "right" if verdict.passes else f"{verdict} too"
        verdict, reason = Verdict.ERROR, f"{misfit}; its values are {values}"
    return Comparison(**facts, **figures, verdict=verdict, reason=reason)


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
        return got.reshape(expected.shape).astype(wanted, copy=False)


def squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def size_text(shape: tuple[int, ...]) -> str:
    """`2x3x5x7`, or `scalar`."""
    return "x".join(map(str, shape)) or "scalar"


# ---------------------------------------------------------------------- errors and limits


def measure(
    got: Array, expected: Array, bound: Bound, widening: float, truth: TruthError, dtype: str
) -> Errors:
    """The error and the limit of every element.

    Where a limit is infinite, or none can be derived, the answer has at least to be finite. What is
    not finite has to be the same on both sides; a number that rounds to infinity may be either.
    """
    a, e = as_long(got), as_long(expected)
    with np.errstate(invalid="ignore", over="ignore"):
        absolute = np.abs(a - e)
        limit = widening * bound.limit + representation_error(e, bound, truth)
    limit = np.where(np.isnan(limit), np.inf, limit)
    if np.isfinite(absolute).all():
        return Errors(absolute, limit, np.zeros(absolute.shape, bool))
    with np.errstate(over="ignore"):
        rounded = as_long(expected.astype(dtype)) if expected.dtype.kind == "f" else e
    same = (a == e) | (a == rounded) | (np.isnan(a) & np.isnan(e))
    odd = ~same & ~(np.isfinite(a) & np.isfinite(e))
    absolute = np.where(same, np.where(np.isfinite(absolute), absolute, 0), absolute)
    return Errors(np.where(odd, np.inf, absolute), limit, odd)


def representation_error(expected: Array, bound: Bound, truth: TruthError) -> Array:
    """What the truth itself may be off: rounding that its sums gathered, and that of keeping it.

    It is far below the layer's own: longdouble's beside float64, float64's beside float32. Where a
    machine has no extended precision it widens the limit by as much as the layer's own.
    """
    scale = bound.worst / bound.unit if bound.unit else 0.0
    wide = np.abs(np.where(np.isfinite(expected), expected, 0)) * truth.kept
    wide = wide + scale * truth.accumulated
    return np.where(bound.limit > 0, wide, 0.0)


def as_long(array: Array) -> Array:
    return array.astype(np.longdouble)


def ratio(error: Array, limit: Array) -> Array:
    """error / limit, with 0/0 = 0; zeros are not divided, which is slow where it gives NaN."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.zeros(np.broadcast_shapes(error.shape, limit.shape), np.longdouble)
        np.divide(error, limit, out=share, where=error != 0)
        return np.where(np.isnan(share), np.inf, share).astype(np.float64)


# ---------------------------------------------------------------------- verdict and figures


def verdict_of(got: Array, expected: Array, errors: Errors) -> tuple[Verdict, str]:
    """What the values of an array that fits come to, and why."""
    if errors.odd.any():
        lost = errors.odd & ~np.isfinite(as_long(got)) & np.isfinite(as_long(expected))
        if lost.any():
            return Verdict.ERROR, "not finite where the expected value is"
        return Verdict.WRONG, "the expected value is not finite there"
    if not errors.within:
        return Verdict.WRONG, ""
    rounded = expected.astype(got.dtype)
    same = (got == rounded) | (np.isnan(as_long(got)) & np.isnan(as_long(rounded)))
    return (Verdict.EXACT if same.all() else Verdict.ROUNDING), ""


def summarize(
    got: Array, expected: Array, errors: Errors, bound: Bound, dtype: str
) -> Mapping[str, Any]:
    """The figures of a comparison."""
    size = np.abs(as_long(expected))
    of_itself = np.where(size > 0, size, np.inf)  # no error is relative to nothing
    scales = (errors.limit, of_itself, last_places(size, expected, dtype), bound.worst, 1 + size)
    shares = ratio(errors.absolute, np.stack(np.broadcast_arrays(*scales)))
    tops = shares.reshape(len(scales), -1).max(axis=1).tolist()
    worst = np.unravel_index(int(np.argmax(shares[0])), errors.absolute.shape)
    return {
        "compared": int(size.size),
        "max_abs": float(errors.absolute.max()),
        "max_rel": tops[1],
        "max_ulp": tops[2],
        "limit_used": tops[0],
        "of_worst": tops[3],
        "needed_tolerance": tops[4],
        "worst_index": tuple(int(i) for i in worst),
        "got": float(got[worst]),
        "expected": float(expected[worst]),
        "error": float(errors.absolute[worst]),
    }


def last_places(size: Array, expected: Array, dtype: str) -> Array:
    """The unit in the last place of each expected number in its dtype; infinite for 0, which has
    none."""
    with np.errstate(over="ignore", invalid="ignore"):
        kept = size.astype(dtype if expected.dtype.kind == "f" else "float64")
        return np.where(kept > 0, as_long(np.spacing(kept)), np.inf)
