"""Whether a mask was drawn as it should be: each element kept with one probability, independently.

Every test has the significance 1e-9: a right layer fails one in a billion. Tails are bounded by
Chernoff's inequality, P(count / n >= a) <= exp(-n KL(a, q)), which also holds for draws without
replacement, so that a permutation of a counted number of ones passes (Hoeffding 1963).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log

import numpy as np

from oracles.oracle import Array

SIGNIFICANCE = 1e-9
"""How often a test fails a layer that draws its mask as it should."""

BY_CHANCE = "by chance less than once in 1e9 runs"


def findings(mask: Array, share: float, axes: tuple[str, ...] = ()) -> Iterator[str]:
    """What is odd about a mask, in words, the plainest first.

    mask: whether each element was kept · share: the probability to keep · axes: what its axes are
    called.
    """
    if unlikely(mask.sum(), mask.size, share):
        yield f"keeps {of_expected(mask.sum(), mask.size, share)}"
    named = axes or tuple(f"axis {axis}" for axis in range(mask.ndim))
    for axis, name in enumerate(named):
        yield from by_index(mask, share, axis, name)
    for axis, name in enumerate(named):
        yield from by_pairs(mask, share, axis, name)


def by_index(mask: Array, share: float, axis: int, name: str) -> Iterator[str]:
    """Whether one index along an axis is kept more or less often than others."""
    rows = np.moveaxis(mask, axis, 0).reshape(mask.shape[axis], -1)
    kept, n = rows.sum(axis=1), rows.shape[1]
    odd = unlikely(kept, n, share, tests=len(rows))
    if odd.any() and len(rows) > 1:
        index = int(np.argmax(np.where(odd, abs(kept - n * share), -1)))
        yield f"at index {index} of {name} keeps {of_expected(kept[index], n, share)}"


def by_pairs(mask: Array, share: float, axis: int, name: str) -> Iterator[str]:
    """Whether neighbours along an axis, or its two halves, are kept together."""
    moved = np.moveaxis(mask, axis, 0)
    half = len(moved) // 2
    pairs = (
        ("neighbours", moved[0 : 2 * half : 2], moved[1 : 2 * half : 2]),
        ("halves", moved[:half], moved[half : 2 * half]),
    )
    together = share**2 + (1 - share) ** 2
    for what, one, other in pairs if half else ():
        alike, n = int((one == other).sum()), one.size
        if unlikely(alike, n, together, tests=2 * mask.ndim):
            told = of_expected(alike, n, together, "pairs")
            yield f"{what} along {name} share one fate in {told}: each element has its own"


def of_expected(count: int, n: int, share: float, what: str = "elements") -> str:
    """`27,634 of 40,000 elements, expected about 20,000`."""
    return f"{count:,} of {n:,} {what}, expected about {n * share:,.0f} ({BY_CHANCE})"


def unlikely(count: Array | int, n: int, share: float, tests: int = 1) -> Array:
    """Whether so many of n are too unlikely at this probability, in either direction.

    tests: how many such tests share the significance.
    """
    if n == 0:
        return np.zeros(np.shape(count), bool)
    return np.asarray(n * divergence(np.asarray(count) / n, share) > log(2 * tests / SIGNIFICANCE))


def divergence(got: Array, share: float) -> Array:
    """The relative entropy of two coins; infinite where one never shows what the other does."""
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(got > 0, got * np.log(got / share), 0.0)
        dropped = np.where(got < 1, (1 - got) * np.log((1 - got) / (1 - share)), 0.0)
    return np.asarray(kept + dropped)
