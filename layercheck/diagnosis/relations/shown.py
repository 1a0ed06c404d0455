"""One array of one failing case, as relations look at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from layercheck.judging.bounds import Bound
from layercheck.judging.close import are_within
from layercheck.judging.measure import EXTENDED, Operand
from oracles.oracle import Array

from ..evidence import Seen
from ..predicate import Names
from ..predicates import names_at

MOST_AXES, MOST_ELEMENTS = 6, 100_000
"""What is worth the time: a function may return anything."""

MANY, FEW = 1024, 64
"""Of arrays with more numbers than that a few are looked at first: one that is off is enough."""

ROUGH = 0.05
"""How far off, beside the largest number, what is not worth a closer look."""


@dataclass(frozen=True, eq=False)
class Shown:
    """seen: the case · name: of the array · got: as it was answered · right: as it should be ·
    wanted: the only sentences that are asked for; None for all · own: the bound of the right array,
    where it is not the case's."""

    seen: Seen
    name: str
    got: Array
    right: Array
    wanted: frozenset[str] | None = None
    own: Bound | None = None

    def wants(self, *sentences: str) -> bool:
        """Whether one of these sentences is asked for."""
        return self.wanted is None or not self.wanted.isdisjoint(sentences)

    @property
    def names(self) -> Names:
        """What may be asked of the case."""
        return names_at(self.seen.case)

    @property
    def bound(self) -> Bound:
        """How far rounding may take the right array."""
        return self.seen.facts.bounds[self.name] if self.own is None else self.own

    @cached_property
    def few(self) -> Shown | None:
        """A few of its numbers in a row, wrong ones and any: what has to hold of each fails here at
        once where it does not hold. None where there are not many."""
        if not self.fits or self.got.size <= MANY:
            return None
        own, at = self.bound, self.at_few
        return replace(self, got=at(self.got), right=at(self.right), own=few_of(own, at))

    def at_few(self, values: Array) -> Array:
        """The same few numbers of another array of its shape."""
        return np.asarray(values.reshape(-1)[self._places])

    @cached_property
    def _places(self) -> Array:
        """Where they are in a row of all."""
        every = np.arange(0, self.got.size, self.got.size // FEW)
        return np.union1d(np.flatnonzero(self.wrong)[:FEW], every)

    @cached_property
    def wrong(self) -> Array:
        """Which elements are beyond their limit; the shapes are alike."""
        with np.errstate(invalid="ignore"):
            alike = (self.got == self.right) | (np.isnan(self.got) & np.isnan(self.right))
            error = np.abs(self.got.astype(np.longdouble) - self.right)
            return np.asarray(~(alike | (error <= self.limit)))

    def would_fail_as(self, value: Array) -> bool:
        """Whether who computes another array would fail, whatever rounding did to it."""
        if value.shape != self.right.shape:
            return True
        with np.errstate(invalid="ignore"):
            apart = np.abs(value.astype(np.longdouble) - self.right) > 2 * self.limit
            alike = np.isfinite(value) == np.isfinite(self.right)
        return bool((apart | ~alike).any())

    @property
    def limit(self) -> Array:
        """How far off each element may be."""
        wide = np.finfo(np.longdouble).eps * np.abs(
            np.where(np.isfinite(self.right), self.right, 0)
        )
        return np.asarray(self.bound.limit + wide)

    @property
    def fits(self) -> bool:
        """Whether the array has the shape that it should have."""
        return self.got.shape == self.right.shape

    def is_near(self, expected: Array) -> bool:
        """Whether the array is roughly this: worth a closer look."""
        if self.got.shape != expected.shape or self.got.dtype.kind != expected.dtype.kind:
            return False
        finite = np.isfinite(expected)
        if not np.array_equal(finite, np.isfinite(self.got)):
            return False
        room = ROUGH * float(np.max(np.abs(expected), where=finite, initial=0.0))
        return bool((np.abs(np.where(finite, self.got - expected, 0)) <= room).all())

    def few_equal(self, expected: Array, bound: Bound, scale: float) -> bool:
        """Whether a few of many numbers are as `equals` asks of all."""
        few, at = self.few, self.at_few
        return few is None or few.equals(at(expected), few_of(bound, at), scale)

    def equals(self, expected: Array, bound: Bound | None = None, scale: float = 1.0) -> bool:
        """Whether the array is this one, within the bound (its own by default), so many times, and
        two roundings of a formula that is another one."""
        if self.got.shape != expected.shape or self.got.size == 0:
            return False
        kept = self.bound if bound is None else bound
        if kept.likely.shape != expected.shape or not self.few_equal(expected, kept, scale):
            return False
        more, steps = max(1.0, abs(scale)), 2 * unit_of(self.seen.case.dtype) * np.abs(expected)
        grown = Bound(kept.likely * more + steps, kept.worst * more + steps, kept.unit)
        dtype = self.seen.case.dtype
        wide = expected.astype(np.longdouble)
        return are_within(Operand(self.got, wide, grown, 2.0, dtype, EXTENDED))


def few_of(bound: Bound, at: Callable[[Array], Array]) -> Bound:
    """The bound of a few numbers."""
    return Bound(at(bound.likely), at(bound.worst), bound.unit)


def unit_of(dtype: str | np.dtype[Any]) -> float:
    """The unit roundoff."""
    return float(np.finfo(dtype).eps) / 2


def shown_of(seen: Seen, name: str) -> Shown | None:
    """An array that came; None where none did, or one of a form that nothing is known of."""
    got, right = seen.array(name), seen.truth.get(name)
    if got is None or right is None or got.ndim > MOST_AXES or got.size > MOST_ELEMENTS:
        return None
    return Shown(seen, name, got, right)
