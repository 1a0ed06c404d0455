"""Rules of arithmetic: sums, products, quotients."""

from __future__ import annotations

import numpy as np

from .bounded import PARTS, PREDICATES, UFUNCS, Bounded, rule, times


@rule(UFUNCS, np.add)
def add(a: Bounded, b: Bounded) -> Bounded:
    return Bounded(a.parts + b.parts, a.dtype)


@rule(UFUNCS, np.subtract)
def subtract(a: Bounded, b: Bounded) -> Bounded:
    """A sum that goes on; but x - max(x) of data is rounded once, and exact for the maximum and
    within a factor of two of it (Sterbenz, Floating-Point Computation, 1974, theorem 4.3.1)."""
    if b.extreme and a.is_data:
        difference = Bounded.exact(a.value - b.value, a.dtype)
        difference.parts[2] = 2
        return difference
    difference = add(a, b)
    difference.parts[0] = a.value - b.value
    return difference


@rule(UFUNCS, np.multiply)
def multiply(a: Bounded, b: Bounded) -> Bounded:
    ea, eb = a.errors(), b.errors()
    errors = times(np.abs(a.value), eb) + times(np.abs(b.value), ea) + times(ea, eb)
    return a.rounded(a.value * b.value, errors)


@rule(UFUNCS, np.square)
def square(a: Bounded) -> Bounded:
    return multiply(a, a)


@rule(UFUNCS, np.true_divide)
def divide(a: Bounded, b: Bounded) -> Bounded:
    quotient, below = a.value / b.value, np.abs(b.value)
    ea, eb = a.errors(), b.errors()
    errors = np.where(below > eb, (ea + np.abs(quotient) * eb) / (below - eb), np.inf)
    return a.rounded(quotient, errors)


@rule(UFUNCS, np.negative)
def negative(a: Bounded) -> Bounded:
    parts = a.parts.copy()
    np.negative(a.value, out=parts[0, ...])
    return Bounded(parts, a.dtype)


@rule(UFUNCS, np.matmul)
def matmul(a: Bounded, b: Bounded) -> Bounded:
    """Sums of K products: gamma_K, products included (Higham, 2002, equation 3.5)."""
    (x, y), (ea, eb) = (np.abs(a.value), np.abs(b.value)), (a.errors(), b.errors())
    size = x @ y
    parts = np.empty((PARTS, *size.shape))
    parts[0], parts[1], parts[2], parts[3:] = a.value @ b.value, size, a.shape[-1] + 1, 0 * size
    if eb.any():
        parts[3:] += x @ eb
    if ea.any():
        parts[3:] += ea @ y + ea @ eb
    return Bounded(parts, a.dtype)


PREDICATES.update(
    (np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal),
    (np.isnan, np.isfinite, np.isinf, np.sign),
)
