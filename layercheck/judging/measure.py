"""How far arrays are from what they should be, and how that stands to their bounds.

Many arrays are measured at once: most are small, and what NumPy does to one costs as much as what
it does to twenty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ref_layers.op import Array

from .bounds import Bound, limit_of

AT_ONCE = 1 << 16
"""How many elements are measured together; a larger array is measured by itself."""

SHOWN = ("worst_index", "got", "expected", "error")
"""What is told of the element that used most of its limit."""


class TruthError(NamedTuple):
    """kept: the relative error of each number as it is kept · accumulated: the unit roundoff of the
    arithmetic, of which an array's worst-case bound gathers as much as the layer does of its own.
    """

    kept: float
    accumulated: float


EXTENDED = TruthError(*(float(np.finfo(np.longdouble).eps) / 2,) * 2)
"""Of a truth that was computed and kept in longdouble."""


class Operand(NamedTuple):
    """An array that fits what it is held against.

    got, expected: of one shape, at least one element; expected in longdouble, or in the dtype that
    it was answered in · bound: of its rounding · widening: how many bounds apart the two may be ·
    dtype: which the question was asked in · truth: how far off `expected` may be.
    """

    got: Array
    expected: Array
    bound: Bound
    widening: float
    dtype: str
    truth: TruthError

    @property
    def floating(self) -> str:
        """The floating dtype that its numbers have to fit into."""
        return self.dtype if self.expected.dtype.kind == "f" else "float64"


class Figures(NamedTuple):
    """What one array came to.

    fields: of its Comparison · is_within: each element its limit · is_exact: equal to the expected
    numbers as its dtype has them · lost: an element is not finite where it should be · found: one
    is finite, or another infinity, where it should not be · is_vacuous: no element has a limit.
    """

    fields: dict[str, Any]
    is_within: bool
    is_exact: bool
    lost: bool
    found: bool
    is_vacuous: bool


def measure(operands: Sequence[Operand]) -> Iterator[Figures]:
    """The figures of each, in their order."""
    for batch in batches(operands):
        yield from Together(batch).figures()


def batches(operands: Sequence[Operand]) -> Iterator[list[Operand]]:
    """Neighbours that are small enough to be measured together."""
    batch: list[Operand] = []
    size = 0
    for operand in operands:
        size += operand.got.size
        if batch and size > AT_ONCE:
            yield batch
            batch, size = [], operand.got.size
        batch.append(operand)
    if batch:
        yield batch


@dataclass(frozen=True)
class Together:
    """Several operands as one long array each of what is known of their elements."""

    operands: Sequence[Operand]

    @cached_property
    def sizes(self) -> Array:
        """How many elements each operand has."""
        return np.array([operand.got.size for operand in self.operands])

    @cached_property
    def starts(self) -> Array:
        """Where each operand begins."""
        return np.cumsum(self.sizes) - self.sizes

    def joined(self, arrays: Sequence[Array], dtype: Any = np.longdouble) -> Array:
        """One array after the other, in this dtype."""
        return np.concatenate([array.reshape(-1) for array in arrays], dtype=dtype)

    def spread(self, numbers: Sequence[float]) -> Array:
        """A number of each operand for each of its elements."""
        return np.repeat(np.array(numbers), self.sizes)

    def each_dtype(
        self, dtypes: Sequence[Any], function: Callable[[Array, Any], Array], values: Array
    ) -> Array:
        """A function of numbers and a dtype, where each operand has a dtype of its own."""
        distinct = list(dict.fromkeys(dtypes))
        if len(distinct) == 1:
            return function(values, distinct[0]).astype(np.longdouble)
        made = np.empty_like(values, dtype=np.longdouble)
        for dtype in distinct:
            mine = self.spread([other == dtype for other in dtypes])
            made[mine] = function(values[mine], dtype)
        return made

    def top(self, values: Array) -> list[float]:
        """The largest of each operand."""
        return floats(np.maximum.reduceat(values, self.starts))

    def first(self, values: Array) -> Array:
        """Where the first of the largest numbers of each operand lies."""
        tops = np.maximum.reduceat(values, self.starts)
        places = np.flatnonzero(values == np.repeat(tops, self.sizes))
        return np.asarray(places[np.searchsorted(places, self.starts)])

    def any(self, truths: Array) -> list[bool]:
        """Whether it holds anywhere in each operand."""
        return np.logical_or.reduceat(truths, self.starts).tolist()  # type: ignore[no-any-return]

    @cached_property
    def got(self) -> Array:
        return self.joined([operand.got for operand in self.operands])

    @cached_property
    def expected(self) -> Array:
        return self.joined([operand.expected for operand in self.operands])

    @cached_property
    def rounded(self) -> Array:
        """The expected numbers as the answers' dtypes have them."""
        return self.each_dtype([o.got.dtype for o in self.operands], cast, self.expected)

    @cached_property
    def last_places(self) -> Array:
        """The unit in the last place of each expected number; infinite for 0, which has none."""
        return self.each_dtype([o.floating for o in self.operands], last_place, self.expected)

    @cached_property
    def worst(self) -> Array:
        return self.joined([operand.bound.worst for operand in self.operands], np.float64)

    @cached_property
    def limit(self) -> Array:
        """The pass limit of each element; infinite where none can be derived."""
        bound = limit_of(self.joined([o.bound.likely for o in self.operands], np.float64))
        limit = self.spread([operand.widening for operand in self.operands]) * bound
        limit = limit + np.where(bound > 0, self.error_of_truth(), 0.0)
        return np.where(np.isnan(limit), np.inf, limit)

    @cached_property
    def unlimited(self) -> Array:
        """The finite elements that may be any number: their limit is none of the dtype's."""
        largest = self.spread([float(np.finfo(o.floating).max) for o in self.operands])
        return np.asarray(~(self.limit < largest) & np.isfinite(self.expected))

    def error_of_truth(self) -> Array:
        """What the truth itself may be off: rounding that its sums gathered, and of keeping it.

        It is far below the layer's own: longdouble's beside float64, float64's beside float32.
        Where a machine has no extended precision it widens the limit by as much as the layer's own.
        """
        kept = self.spread([operand.truth.kept for operand in self.operands])
        units = [o.truth.accumulated / o.bound.unit if o.bound.unit else 0.0 for o in self.operands]
        finite = np.where(np.isfinite(self.expected), self.expected, 0)
        return np.asarray(np.abs(finite) * kept + self.spread(units) * self.worst)

    @cached_property
    def odd(self) -> Array | None:
        """The elements whose place tells what they are: one of the two is not finite, the other is
        something else. What is not finite has to be the same on both sides; a number that rounds to
        infinity may be either. None where all are finite."""
        got, expected = self.got, self.expected
        if np.isfinite(got).all() and np.isfinite(expected).all():
            return None
        same = (got == expected) | (got == self.rounded) | (np.isnan(got) & np.isnan(expected))
        return np.asarray(~same & ~(np.isfinite(got) & np.isfinite(expected)))

    @cached_property
    def error(self) -> Array:
        """|got - expected|; infinite where an element is odd, 0 where both are one infinity."""
        with np.errstate(invalid="ignore", over="ignore"):
            error = np.asarray(np.abs(self.got - self.expected))
        if self.odd is None:
            return error
        return np.where(self.odd, np.inf, np.where(np.isfinite(error), error, 0))

    def figures(self) -> Iterator[Figures]:
        """The figures of each operand."""
        error, size = self.error, np.abs(self.expected)
        used = ratio(error, self.limit)
        of_itself = np.where(size > 0, size, np.inf)  # no error is relative to nothing
        columns = {
            "max_abs": self.top(error),
            "max_rel": self.top(ratio(error, of_itself)),
            "max_ulp": self.top(ratio(error, self.last_places)),
            "limit_used": self.top(used),
            "of_worst": self.top(ratio(error, self.worst)),
            "needed_tolerance": self.top(ratio(error, 1 + size)),
        }
        within, exact = self.any(~(error <= self.limit)), self.any(~self.exact)
        lost, found = self.oddities()
        unlimited = np.add.reduceat(self.unlimited, self.starts, dtype=np.int64).tolist()
        names, rows = [*columns, *SHOWN], zip(*columns.values(), *self.shown(used), strict=True)
        for i, (operand, row) in enumerate(zip(self.operands, rows, strict=True)):
            fields: dict[str, Any] = dict(zip(names, row, strict=True))
            fields["worst_index"] = index_of(fields["worst_index"], operand.got.shape)
            held = operand.got.size - unlimited[i]
            fields |= {"compared": held, "unlimited": unlimited[i] or None}
            yield Figures(fields, not within[i], not exact[i], lost[i], found[i], not held)

    @property
    def exact(self) -> Array:
        """The elements that are equal to the expected ones as their dtype has them."""
        got, rounded = self.got, self.rounded
        return np.asarray((got == rounded) | (np.isnan(got) & np.isnan(rounded)))

    def oddities(self) -> tuple[list[bool], list[bool]]:
        """Of each operand whether an odd element should be finite, and whether one is."""
        none = [False] * len(self.operands)
        if self.odd is None or not self.odd.any():
            return none, none
        lost = self.odd & ~np.isfinite(self.got) & np.isfinite(self.expected)
        return self.any(lost), self.any(self.odd & ~lost)

    def shown(self, used: Array) -> list[list[Any]]:
        """The columns SHOWN: the element of each operand that used most of its limit."""
        places = self.first(used)
        numbers = (self.got[places], self.expected[places], self.error[places])
        return [(places - self.starts).tolist(), *map(floats, numbers)]


def floats(values: Array) -> list[float]:
    """Numbers as Python's; what is too large for them is infinite."""
    with np.errstate(over="ignore"):
        return values.astype(np.float64).tolist()  # type: ignore[no-any-return]


def cast(values: Array, dtype: np.dtype[Any]) -> Array:
    """Numbers as a dtype has them; whole ones as they are."""
    if dtype.kind != "f":
        return values
    with np.errstate(over="ignore"):
        return values.astype(dtype)


def last_place(values: Array, dtype: str) -> Array:
    """The unit in the last place of each number; infinite for 0, which has none."""
    with np.errstate(over="ignore", invalid="ignore"):
        kept = np.abs(values).astype(dtype)
        return np.where(kept > 0, np.spacing(kept), np.inf)


def index_of(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The index of a place in a flattened array."""
    index = []
    for size in reversed(shape):
        place, last = divmod(place, size)
        index.append(last)
    return tuple(reversed(index))


def ratio(error: Array, limit: Array) -> Array:
    """error / limit, with 0/0 = 0; zeros are not divided, which is slow where it gives NaN."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.zeros(error.shape, np.longdouble)
        np.divide(error, limit, out=share, where=error != 0)
        return np.where(np.isnan(share), np.inf, share)
