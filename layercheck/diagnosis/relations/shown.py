"""One array of one failing case, as relations look at it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from layercheck.judging.bounds import Bound
from layercheck.judging.measure import EXTENDED, Operand, measure
from oracles.oracle import Array

from ..evidence import Seen
from ..predicate import Names
from ..predicates import names_at

MOST_AXES, MOST_ELEMENTS = 6, 100_000
"""What is worth the time: a function may return anything."""

ROUGH = 0.05
"""How far off, beside the largest number, what is not worth a closer look."""


@dataclass(frozen=True, eq=False)
class Shown:
    """seen: the case · name: of the array · got: as it was answered · right: as it should be ·
    wanted: the only sentences that are asked for; None for all."""

    seen: Seen
    name: str
    got: Array
    right: Array
    wanted: frozenset[str] | None = None

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
        return self.seen.facts.bounds[self.name]

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

    def equals(self, expected: Array, bound: Bound | None = None, scale: float = 1.0) -> bool:
        """Whether the array is this one, within the bound (its own by default), so many times, and
        two roundings of a formula that is another one."""
        if self.got.shape != expected.shape or self.got.size == 0:
            return False
        kept = self.bound if bound is None else bound
        if kept.likely.shape != expected.shape:
            return False
        more, steps = max(1.0, abs(scale)), 2 * unit_of(self.seen.case.dtype) * np.abs(expected)
        grown = Bound(kept.likely * more + steps, kept.worst * more + steps, kept.unit)
        dtype = self.seen.case.dtype
        wide = expected.astype(np.longdouble)
        operand = Operand(self.got, wide, grown, 2.0, dtype, EXTENDED)
        (figures,) = measure([operand])
        return figures.is_within and not figures.fields["unlimited"]


def unit_of(dtype: str | np.dtype[Any]) -> float:
    """The unit roundoff."""
    return float(np.finfo(dtype).eps) / 2


def shown_of(seen: Seen, name: str) -> Shown | None:
    """An array that came; None where none did, or one of a form that nothing is known of."""
    got, right = seen.array(name), seen.truth.get(name)
    if got is None or right is None or got.ndim > MOST_AXES or got.size > MOST_ELEMENTS:
        return None
    return Shown(seen, name, got, right)
