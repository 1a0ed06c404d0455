"""One array against what it should be: errors, and how they stand to the bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ref_layers.op import Array
from reports.report import Comparison

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


@dataclass(frozen=True)
class Errors:
    """Elementwise: |got - expected|, its pass limit, and which elements count."""

    absolute: Array
    limit: Array
    counted: Array


def compare(
    pairing: Pairing,
    array: str,
    got: Any,
    expected: Array,
    bound: Bound,
    widening: float = 1.0,
    truth: TruthError = EXTENDED,
) -> Comparison:
    """Judge one array.

    expected: the truth in longdouble, or another implementation's array.
    widening: how many bounds apart the two may be: 1 against the truth, 2 where both err.
    truth: how far off the truth itself may be.
    """
    got = np.asarray(got)
    shape, expected_shape = size_text(got.shape), size_text(expected.shape)
    facts = {"array": array, "shape": shape, "expected_shape": expected_shape, **vars(pairing)}
    misfit = misfits(got, expected, pairing.dtype)
    if misfit:
        return Comparison(**facts, verdict="error", reason=misfit)
    errors = measure(got, expected, bound, widening, truth)
    if not errors.counted.any():
        return Comparison(**facts, verdict="skipped", reason="nothing to compare")
    lost = errors.counted & np.isfinite(as_long(expected)) & ~np.isfinite(as_long(got))
    figures = summarize(got, expected, errors, bound, pairing.dtype)
    if lost.any():
        reason = "not finite where the expected value is"
        return Comparison(**facts, **figures, verdict="error", reason=reason)
    return Comparison(**facts, **figures, verdict=verdict_of(got, expected, errors))


def misfits(got: Array, expected: Array, dtype: str) -> str:
    """How shape or dtype are wrong; empty if they are right."""
    if got.shape != expected.shape:
        return f"shape: got {got.shape}, expected {expected.shape}"
    wanted = np.dtype(dtype) if expected.dtype.kind == "f" else expected.dtype
    same = got.dtype.kind == "i" if wanted.kind == "i" else got.dtype == wanted
    return "" if same else f"dtype: got {got.dtype}, expected {wanted}"


def measure(
    got: Array, expected: Array, bound: Bound, widening: float, truth: TruthError
) -> Errors:
    a, e = as_long(got), as_long(expected)
    with np.errstate(invalid="ignore", over="ignore"):
        absolute = np.abs(a - e)
        representation = representation_error(e, bound, truth)
    same = (a == e) | (np.isnan(a) & np.isnan(e))
    absolute = np.where(same, 0, np.where(np.isnan(absolute), np.inf, absolute))
    limit = widening * bound.limit + representation
    return Errors(absolute, limit, np.isfinite(limit))


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
    """error / limit, with 0/0 = 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(error == 0, 0.0, error / limit).astype(np.float64)


def verdict_of(got: Array, expected: Array, errors: Errors) -> str:
    within = errors.absolute <= errors.limit
    if not within[errors.counted].all():
        return "wrong"
    rounded = expected.astype(got.dtype)
    same = (got == rounded) | (np.isnan(as_long(got)) & np.isnan(as_long(rounded)))
    return "exact" if same.all() else "rounding"


def summarize(
    got: Array, expected: Array, errors: Errors, bound: Bound, dtype: str
) -> dict[str, Any]:
    """The figures of a comparison, over the elements that count."""
    counted = np.asarray(errors.counted)
    absolute, size = errors.absolute[counted], np.abs(as_long(expected)[counted])
    shares = np.where(counted, ratio(errors.absolute, errors.limit), -1.0)
    worst = np.unravel_index(int(np.argmax(shares)), shares.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        ulps = np.spacing(size.astype(dtype if expected.dtype.kind == "f" else "float64"))
    return {
        "compared": int(counted.sum()),
        "max_abs": top(absolute),
        "max_rel": top(ratio(absolute, size)[size > 0]),
        "max_ulp": top(ratio(absolute, ulps.astype(np.longdouble))),
        "headroom": float(shares[worst]),
        "of_worst": top(ratio(absolute, bound.worst[counted])),
        "needed_tolerance": top(ratio(absolute, 1 + size)),
        "worst_index": tuple(int(i) for i in worst),
        "got": float(got[worst]),
        "expected": float(expected[worst]),
    }


def top(values: Array) -> float:
    return float(np.max(values)) if values.size else 0.0


def size_text(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"
