"""Whether a mask was drawn as it should be: each element kept with one probability, independently.

Every test has the significance 1e-9: a right layer fails one in a billion. Tails are bounded by
Chernoff's inequality, P(count / n >= a) <= exp(-n KL(a, q)), which also holds for draws without
replacement, so that a permutation of a counted number of ones passes (Hoeffding 1963).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log, prod

import numpy as np

from oracles.oracle import Array

SIGNIFICANCE = 1e-9
"""How often a test fails a layer that draws its mask as it should."""

MOST_ROWS = 2000
"""Along longer axes not every two indices are compared."""

BY_CHANCE = "by chance less than once in 1e9 runs"


def findings(mask: Array, share: float, axes: tuple[str, ...] = ()) -> Iterator[str]:
    """What is odd about a mask, in words, the plainest first.

    mask: whether each element was kept · share: the probability to keep · axes: what its axes are
    called.
    """
    named = axes or tuple(f"axis {axis}" for axis in range(mask.ndim))
    again = repeats(mask, named)
    if again and unlikely_to_repeat(mask, share):
        yield f"{again}: each element has its own draw ({BY_CHANCE})"
    if unlikely(mask.sum(), mask.size, share):
        seen = f"; it {again}" if again else ""
        yield f"keeps {of_expected(mask.sum(), mask.size, share)}{seen}"
    for axis, name in enumerate(named):
        yield from by_index(mask, share, axis, name)
    for axis, name in enumerate(named):
        yield from by_pairs(mask, share, axis, name)
    yield from by_lags(mask, share)
    for axis, name in enumerate(named):
        yield from by_rows(mask, share, axis, name)


def repeats(mask: Array, named: tuple[str, ...]) -> str:
    """`is the same all along axis 1`: one draw serves for all of it; else nothing."""
    if (mask == mask.take(0)).all():  # nothing, or all of it, is dropped
        return ""
    along = ", ".join(named[axis] for axis in repeated(mask))
    return f"is the same all along {along}" if along else ""


def repeated(mask: Array) -> list[int]:
    """The axes along which nothing changes, where something may."""
    sizes = enumerate(mask.shape)
    return [a for a, size in sizes if size > 1 and (mask == mask.take([0], a)).all()]


def unlikely_to_repeat(mask: Array, share: float) -> bool:
    """Whether elements that are drawn each for itself are hardly ever so alike."""
    size = prod(mask.shape[axis] for axis in repeated(mask))
    if not 0 < share < 1:
        return False
    alike = np.logaddexp(size * log(share), size * log(1 - share))
    chance = mask.size / size * alike
    return bool(chance < log(SIGNIFICANCE / conditional(mask.size) / 2**mask.ndim))


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
    for what, one, other in pairs if half else ():
        alike, n = int((one == other).sum()), one.size
        if unlikely(alike, n, together(share), tests=2 * mask.ndim):
            told = of_expected(alike, n, together(share), "pairs")
            yield f"{what} along {name} share one fate in {told}: each element has its own"


def by_lags(mask: Array, share: float) -> Iterator[str]:
    """Whether elements that are some number of places apart are kept together.

    The pairs (i, i + lag) fall into two halves of disjoint ones, by whether i // lag is even; each
    half's count has Chernoff's bound, and by the inequality of Cauchy and Schwarz the whole count
    of n pairs that of n / 2 independent ones (Janson 2004).
    """
    if mask.size < 2:
        return
    alike, n = alike_by_lag(mask.reshape(-1))
    tests = len(n) * conditional(mask.size)
    odd = unlikely(alike / 2, n / 2, together(share), tests)
    if odd.any():
        lag = most_odd(odd, alike, n, share)
        told = of_expected(alike[lag], n[lag], together(share), "pairs")
        yield f"elements {lag + 1:,} apart share one fate in {told}: each element has its own"


def alike_by_lag(flat: Array) -> tuple[Array, Array]:
    """At each lag from 1 how many pairs are alike, and how many there are."""
    kept = flat.astype(np.int64)
    n = len(kept) - np.arange(1, len(kept))
    transform = np.fft.rfft(kept, 2 * len(kept))
    both = np.rint(np.fft.irfft(abs(transform) ** 2, 2 * len(kept)))[1 : len(kept)]
    first, last = np.cumsum(kept)[-2::-1], np.cumsum(kept[::-1])[-2::-1]
    return (n - first - last + 2 * both).astype(np.int64), n


def by_rows(mask: Array, share: float, axis: int, name: str) -> Iterator[str]:
    """Whether any two indices along an axis have masks alike."""
    rows = np.moveaxis(mask, axis, 0).reshape(mask.shape[axis], -1).astype(float)
    if not 1 < len(rows) <= MOST_ROWS:
        return
    one, other = np.triu_indices(len(rows), 1)
    alike = (rows @ rows.T + (1 - rows) @ (1 - rows).T)[one, other]
    n = np.full(len(one), rows.shape[1])
    odd = unlikely(alike, n, together(share), len(one) * conditional(mask.size))
    if odd.any():
        pair = most_odd(odd, alike, n, share)
        told = of_expected(int(alike[pair]), n[pair], together(share), "pairs")
        both = f"indices {one[pair]} and {other[pair]} of {name}"
        yield f"{both} share one fate in {told}: each element has its own"


def together(share: float) -> float:
    """How likely two elements are alike."""
    return share**2 + (1 - share) ** 2


def conditional(size: int) -> float:
    """How much likelier anything is under a permutation of a counted number of ones at most.

    That is what independent draws are on condition of their most likely sum, whose probability is
    at least 1 / sqrt(8 n q (1 - q)).
    """
    return float(np.sqrt(8 * size))


def most_odd(odd: Array, alike: Array, n: Array, share: float) -> int:
    """The place that is the least likely of those that are odd."""
    return int(np.argmax(np.where(odd, n * divergence(alike / n, together(share)), -1)))


def of_expected(count: int, n: int, share: float, what: str = "elements") -> str:
    """`27,634 of 40,000 elements, expected about 20,000`."""
    return f"{count:,} of {n:,} {what}, expected about {n * share:,.0f} ({BY_CHANCE})"


def unlikely(count: Array | int, n: Array | int, share: float, tests: float = 1) -> Array:
    """Whether so many of n are too unlikely at this probability, in either direction.

    tests: how many such tests share the significance.
    """
    if np.ndim(n) == 0 and n == 0:
        return np.zeros(np.shape(count), bool)
    return np.asarray(n * divergence(np.asarray(count) / n, share) > log(2 * tests / SIGNIFICANCE))


def divergence(got: Array, share: float) -> Array:
    """The relative entropy of two coins; infinite where one never shows what the other does."""
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(got > 0, got * np.log(got / share), 0.0)
        dropped = np.where(got < 1, (1 - got) * np.log((1 - got) / (1 - share)), 0.0)
    return np.asarray(kept + dropped)
