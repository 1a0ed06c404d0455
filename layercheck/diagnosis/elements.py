"""Which elements of an array are wrong, and how far beyond their limits they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from layercheck.implementations.protocol import Answer
from layercheck.judging.compare import fitted
from layercheck.judging.facts import Facts
from layercheck.reporting.replay import Differing, Element
from oracles.oracle import Array

SHOWN = 10
"""How many wrong elements of an array are listed."""


class Elements(NamedTuple):
    """An array beside the right one, both in float64: got, expected, and how much of its limit each
    element used."""

    got: Array
    expected: Array
    shares: Array

    @property
    def wrong(self) -> Array:
        """The places of the wrong ones in row-major order."""
        return np.flatnonzero(~(self.shares <= 1))


def elements_of(known: Facts, answer: Answer, array: str) -> Elements | None:
    """The elements of an array of an answer; None where they cannot be held against the right
    ones."""
    got = answer.arrays.get(array)
    if not isinstance(got, np.ndarray) or array not in known.truth.arrays:
        return None
    fitting = fitted(got, known.truth.arrays[array], known.case.dtype)
    if fitting is None:
        return None
    expected = known.truth.arrays[array].astype(np.float64)
    fitting = fitting.astype(np.float64)
    return Elements(fitting, expected, shares_of(fitting, expected, known.bounds[array].limit))


def shares_of(got: Array, expected: Array, limit: Array) -> Array:
    """How much of its limit each element used; infinite where one of the two is not finite."""
    with np.errstate(all="ignore"):
        error = np.abs(got - expected)
        shares = np.where(error == 0, 0.0, error / np.broadcast_to(limit, error.shape))
    alike = (got == expected) | (np.isnan(got) & np.isnan(expected))
    return np.where(alike, 0.0, np.where(np.isfinite(shares), shares, np.inf))


def differing(known: Facts, answer: Answer, array: str) -> Differing | None:
    """The wrong elements of an array, the first of them one by one; None where none is."""
    found = elements_of(known, answer, array)
    if found is None or not found.wrong.size:
        return None
    listed = [
        Element(
            tuple(int(n) for n in np.unravel_index(place, found.shares.shape)),
            float(found.got.flat[place]),
            float(found.expected.flat[place]),
            float(found.shares.flat[place]),
        )
        for place in found.wrong[:SHOWN]
    ]
    return Differing(array, int(found.wrong.size), found.shares.size, known.case.dtype, listed)
