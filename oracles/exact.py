"""The answer without rounding: the formula in ball arithmetic, or in extended precision.

python-flint's `arb` holds a number as a midpoint with a rigorous error radius. The layer's own
lines run on object arrays of them; the precision is raised until every radius is negligible.
Large cases, and machines without python-flint, use NumPy's longdouble; the largest use float64
where the question is float32 or float16. The caller bounds the error of either by its
`unit_roundoff`. That the formula is the right one is shown by the frameworks, not here: a case
counts only where they agree with it (see `layercheck.judge`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from math import isfinite, prod
from typing import Any

import numpy as np

from ref_layers import OPS

from .oracle import Array, Question, cast

LARGEST_BALL_CASE = 40_000
"""Elements times taps beyond which a case is computed in longdouble: about 50 ms of arb."""

LARGEST_EXTENDED_CASE = 10_000_000
"""The same beyond which float64 answers a narrower question: NumPy's longdouble product does about
1e8 multiplications a second, float64's a hundred times as many (2**-53 beside float32's 2**-24)."""

NEGLIGIBLE = 2.0**-80
"""The largest radius left, relative to its number: far below float64's 2**-53."""

MOST_PRECISION = 3200
"""In bits: what is not finite by then is not finite."""

LOST = 2.0**-160
"""The same relative to the largest number of the array, for numbers that cancel to 0."""

EXTENDED = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps


@dataclass(frozen=True)
class Truth:
    """arrays: values in longdouble · arithmetic: what they were computed in, by name.

    unit_roundoff: the relative error of each number as it is kept: the arithmetic's own, or more
    where it was rounded further (see `recorded.storable`).
    """

    arrays: Mapping[str, Array]
    unit_roundoff: float
    arithmetic: str

    @property
    def accumulated(self) -> float:
        """The unit roundoff of the arithmetic, which sums gather; what storing cost is not."""
        narrow = self.arithmetic.startswith("float64")
        return float(np.finfo(np.float64 if narrow else np.longdouble).eps) / 2


def truth(question: Question) -> Truth:
    """The exact answer; raises ValueError where the op rejects the question."""
    flint = load_flint()
    if flint is not None and work(question) <= LARGEST_BALL_CASE and is_finite(question):
        with suppress(ZeroDivisionError):  # the mean of nothing, which floats call nan
            return balls(question, flint)
    if work(question) > LARGEST_EXTENDED_CASE and question.dtype.itemsize < np.float64().itemsize:
        return floats(question, np.float64, "float64, widened")
    name = "longdouble" if EXTENDED else "float64 (this machine has no extended precision)"
    return floats(question, np.longdouble, name)


def extended(question: Question) -> Truth:
    """The formula in longdouble, whose roundoff the caller's limits have to allow for; the exact
    answer where this machine has none."""
    if not EXTENDED:
        return truth(question)
    return floats(question, np.longdouble, "longdouble")


def is_finite(question: Question) -> bool:
    """Whether all its numbers are; balls know no infinity that could be computed with."""
    return all(np.isfinite(v).all() for v in question.inputs.values() if v.dtype.kind == "f")


def floats(question: Question, dtype: type[np.floating[Any]], name: str) -> Truth:
    """The formula in a floating dtype, whose roundoff the caller's limits have to allow for."""
    with np.errstate(all="ignore"):
        arrays = run_formula(question.astype(dtype))
    wide = {name: cast(array, np.longdouble) for name, array in arrays.items()}
    return Truth(wide, float(np.finfo(dtype).eps) / 2, name)


@cache
def load_flint() -> Any:
    """python-flint, or None where it is not installed."""
    try:
        import flint
    except ImportError:
        return None
    return flint


def work(question: Question) -> int:
    """Roughly how many multiplications: output elements times what each one reads (for a transposed
    convolution: input elements times what each one writes)."""
    read = prod(question.inputs["w"].shape[1:]) if "w" in question.inputs else 8
    ends = question.inputs["x"] if question.op == "conv2d_transpose" else question.dout
    return max(ends.size * read, 8 * max(v.size for v in question.inputs.values()))


def balls(question: Question, flint: Any, precision: int = 200) -> Truth:
    """Ball arithmetic at this precision in bits, doubled until every radius is negligible."""
    to_ball = np.frompyfunc(flint.arb, 1, 1)

    def convert(value: Array) -> Array:
        if value.dtype.kind != "f":
            return value
        return np.asarray(to_ball(value.astype(np.float64)), dtype=object).reshape(value.shape)

    with flint.ctx.workprec(precision):
        inputs = {name: convert(value) for name, value in question.inputs.items()}
        asked = Question(
            question.op,
            inputs,
            question.attributes,
            convert(question.dout),
            question.differentiable,
        )
        arrays = run_formula(asked)
        final = precision >= MOST_PRECISION
        if not all(is_negligible(array, final) for array in arrays.values()):
            return balls(question, flint, 2 * precision)
        values = {name: to_longdouble(array) for name, array in arrays.items()}
    return Truth(values, float(np.finfo(np.longdouble).eps) / 2, f"arb, {precision} bits")


def run_formula(question: Question) -> dict[str, Array]:
    op = OPS[question.op]
    return op.run(question.inputs, question.attributes, question.dout)


def is_negligible(array: Array, final: bool = False) -> bool:
    """Whether every radius is tiny beside its own number, or beyond notice beside the largest.

    final: numbers that are not finite are taken for what they are.
    """
    if array.dtype != object or array.size == 0:
        return True
    sizes = np.abs([float(v) for v in array.flat])
    radii = np.array([float(v.rad()) if hasattr(v, "rad") else 0.0 for v in array.flat])
    finite = np.isfinite(sizes)
    floor = LOST * np.max(sizes, where=finite, initial=0.0)
    small = (radii <= NEGLIGIBLE * sizes) | (radii <= floor)
    return bool((small | ~finite if final else small).all())


def to_longdouble(array: Array) -> Array:
    """Midpoints, rounded once to longdouble: high part plus what it leaves."""
    if array.dtype != object:
        return array
    high = [float(value) for value in array.flat]
    low = [
        float(value.mid() - rounded) if hasattr(value, "mid") and isfinite(rounded) else 0.0
        for value, rounded in zip(array.flat, high, strict=True)
    ]
    values = np.array(high, np.longdouble) + np.array(low, np.longdouble)
    return values.reshape(array.shape)
