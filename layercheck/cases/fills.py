"""How the values of a case are drawn: the same bits on every machine and NumPy version.

Everything comes from `RandomState.randint` (frozen by NumPy), exact integer arithmetic and powers
of two; no libm function is called, since those differ in the last bit between systems.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from ref_layers.op import Array

Shape = tuple[int, ...]
AT_ONCE = 1 << 16


def whole(rs: np.random.RandomState, shape: Shape) -> Array:
    """Whole numbers of 48 random bits, so that products round in float64 too."""
    high = rs.randint(0, 1 << 24, size=shape).astype(np.int64)
    return high * (1 << 24) + rs.randint(0, 1 << 24, size=shape)


def normal(rs: np.random.RandomState, shape: Shape) -> Array:
    """Mean 0, standard deviation 1: the sum of twelve uniforms (Irwin and Hall), made exactly."""
    high, low = twelve(rs, shape), twelve(rs, shape)
    return np.asarray((high * (1 << 24) + low - 6 * ((1 << 48) - 1)) / (1 << 48))


def twelve(rs: np.random.RandomState, shape: Shape) -> Array:
    """The sum of twelve whole numbers of 24 bits; of large arrays one at a time, to the same."""
    if prod(shape) <= AT_ONCE:
        drawn = rs.randint(0, 1 << 24, size=(12, *shape))
        return np.asarray(drawn.sum(axis=0, dtype=np.int64))
    total = np.zeros(shape, np.int64)
    for _ in range(12):
        total += rs.randint(0, 1 << 24, size=shape)
    return total


def uniform(rs: np.random.RandomState, shape: Shape) -> Array:
    """From -1 to 1."""
    return np.asarray((2 * whole(rs, shape) + 1) / (1 << 48) - 1)


def integers(rs: np.random.RandomState, shape: Shape) -> Array:
    """Quarters from -4 to 4, none of them 0: sums of products are exact in float32."""
    quarters = rs.randint(-16, 16, size=shape)
    return (quarters + (quarters >= 0)) / 4.0


def ties(rs: np.random.RandomState, shape: Shape) -> Array:
    """Whole numbers, three neighbours in each channel, so that most windows have several maxima."""
    values = rs.randint(-1, 2, size=shape).astype(float)
    channel = shape[:2] + (1,) * (len(shape) - 2)
    return values + rs.randint(-4, 5, size=channel) if len(shape) > 2 else values


def negative(rs: np.random.RandomState, shape: Shape) -> Array:
    """All below zero: a border of zeros in place of -inf shows."""
    return -np.abs(normal(rs, shape)) - 0.125


def offset(rs: np.random.RandomState, shape: Shape) -> Array:
    """Mean 1000, standard deviation 1: E[x^2] - E[x]^2 loses its digits."""
    return normal(rs, shape) + 1000


def small_variance(rs: np.random.RandomState, shape: Shape) -> Array:
    """Mean 0, standard deviation 2**-10: eps in the wrong place shows."""
    return normal(rs, shape) / 1024


def wide(rs: np.random.RandomState, shape: Shape) -> Array:
    """Magnitudes over 12 decades, 2**-20 to 2**20."""
    mantissa = 1 + whole(rs, shape) / (1 << 48)
    sign = 2 * rs.randint(0, 2, size=shape) - 1
    return np.asarray(np.ldexp(sign * mantissa, rs.randint(-20, 20, size=shape)))


def negative_offset(rs: np.random.RandomState, shape: Shape) -> Array:
    """Mean -1000, standard deviation 1: exponentials underflow unless the maximum is subtracted."""
    return normal(rs, shape) - 1000


def far_negative(rs: np.random.RandomState, shape: Shape) -> Array:
    """Below -32, -512, -8192 or -2**33, channel by channel: a maximum that starts at some number,
    or a border of it, shows."""
    channel = shape[:2] + (1,) * (len(shape) - 2)
    scale = np.array([5, 9, 13, 33])[rs.randint(0, 4, size=channel)]
    return np.asarray(np.ldexp(-1 - np.abs(normal(rs, shape)), scale))


def constant_channels(rs: np.random.RandomState, shape: Shape) -> Array:
    """Every other channel holds one number: no variance, and windows of equals."""
    values = normal(rs, shape)
    if len(shape) > 1:
        some = (slice(None), slice(0, None, 2))
        values[some] = integers(rs, (1, *values[some].shape[1:2], *(1,) * (len(shape) - 2)))
    return values


def constant_samples(rs: np.random.RandomState, shape: Shape) -> Array:
    """Every other sample holds one number."""
    values = normal(rs, shape)
    values[::2] = integers(rs, (*values[::2].shape[:1], *(1,) * (len(shape) - 1)))
    return values


def infinities(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers, and some that are infinite."""
    return np.where(rs.randint(0, 6, size=shape) == 0, np.inf, normal(rs, shape))


def negative_infinities(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers, and some that are infinite below."""
    return np.where(rs.randint(0, 6, size=shape) == 0, -np.inf, normal(rs, shape))


def special(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers, and some that are infinite, none at all, or zero with a sign."""
    odd = np.array([np.inf, -np.inf, np.nan, -0.0])[rs.randint(0, 4, size=shape)]
    return np.where(rs.randint(0, 4, size=shape) == 0, odd, normal(rs, shape))


def zero_state(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers; what is kept from earlier batches is zero."""
    return normal(rs, shape)


def sparse_weights(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers; of the weights some are zero and some small."""
    return normal(rs, shape)


def unit_weights(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers; every weight is 1, as that of a new layer often is."""
    return normal(rs, shape)


def zero_weights(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers; every weight is 0, as biases are in a new layer."""
    return normal(rs, shape)


def zero_samples(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers; every other sample is 0, its target's shares as well."""
    values = normal(rs, shape)
    values[::2] = 0
    return values


def positive_weights(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers; every weight is above 0."""
    return normal(rs, shape)


def far_rows(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers; each sample lies 1000 above the one before."""
    values = normal(rs, shape)
    steps = 1000.0 * np.arange(shape[0] if shape else 1)
    return values + steps.reshape(-1, *(1,) * (values.ndim - 1)) if shape else values


def apart(rs: np.random.RandomState, shape: Shape) -> Array:
    """From 0 to 20: of scores one often decides alone, and probabilities are near 0 and 1."""
    return 10 * uniform(rs, shape) + 10


def negative_weights(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal numbers; every weight is below 0."""
    return normal(rs, shape)


def large(rs: np.random.RandomState, shape: Shape) -> Array:
    """Standard deviation 2**20: what is cut off, or held in fewer digits, shows."""
    return normal(rs, shape) * 2.0**20


def same_labels(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal scores; every label is the same."""
    return normal(rs, shape)


def ignored(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal scores; every other label is the one that is ignored."""
    return normal(rs, shape)


def all_ignored(rs: np.random.RandomState, shape: Shape) -> Array:
    """Normal scores; every label is the one that is ignored."""
    return normal(rs, shape)


def whole_numbers(rs: np.random.RandomState, shape: Shape) -> Array:
    """Small whole numbers, no two alike, none of them 0, 1 or -1, in an order that is drawn: paper
    and pencil will do. A third is negative, so that sums do not cancel."""
    count = prod(shape)
    values = np.arange(count) - (count + rs.randint(0, 3)) // 3
    values += np.where(values < 0, -1, 2 + rs.randint(0, 3))
    order = np.argsort(rs.randint(0, 1 << 24, size=count), kind="stable")
    return values[order].astype(float).reshape(shape)


FILLS: dict[str, Callable[[np.random.RandomState, Shape], Array]] = {
    fill.__name__: fill
    for fill in (normal, uniform, integers, ties, negative, offset, small_variance, wide)
}
"""What the levels of an op combine, unless it names others."""

RARE: dict[str, Callable[[np.random.RandomState, Shape], Array]] = {
    fill.__name__: fill
    for fill in (
        negative_offset,
        far_negative,
        constant_channels,
        constant_samples,
        zero_samples,
        infinities,
        negative_infinities,
        special,
        zero_state,
        sparse_weights,
        unit_weights,
        zero_weights,
        positive_weights,
        negative_weights,
        far_rows,
        apart,
        large,
        same_labels,
        ignored,
        all_ignored,
        whole_numbers,
    )
}
"""What only some ops have a use for: their usual cases name them."""

EVERYWHERE = ("normal", "uniform", "integers", "wide", "whole_numbers")
"""Fills that every input takes; the others shape the data only, the rest is normal."""

OF_DOUT = ("integers", "whole_numbers")
"""Fills that dout takes, too; it is normal beside the others."""
