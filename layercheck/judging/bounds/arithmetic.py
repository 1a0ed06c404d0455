"""Rules of arithmetic: sums, products, quotients."""

from __future__ import annotations

import numpy as np

from .bounded import PREDICATES, UFUNCS, Bounded, rule, times


@rule(UFUNCS, np.add)
def add(a: Bounded, b: Bounded, sign: float = 1.0) -> Bounded:
    value = a.value + sign * b.value
    rest = (x + y for x, y in zip(a.parts[1:], b.parts[1:], strict=True))
    return Bounded((value, *rest), a.dtype)


@rule(UFUNCS, np.subtract)
def subtract(a: Bounded, b: Bounded) -> Bounded:
    """A sum that goes on; but x - max(x) of data is rounded once, and exact for the maximum and
    within a factor of two of it (Sterbenz, Floating-Point Computation, 1974, theorem 4.3.1)."""
    if b.extreme and a.is_data:
        value = a.value - b.value
        zeros = np.zeros_like(value)
        return Bounded((value, np.abs(value), np.full_like(value, 2), zeros, zeros), a.dtype)
    return add(a, b, -1.0)


@rule(UFUNCS, np.multiply)
def multiply(a: Bounded, b: Bounded) -> Bounded:
    errors = (
        times(np.abs(a.value), eb) + times(np.abs(b.value), ea) + times(ea, eb)
        for ea, eb in zip(a.errors(), b.errors(), strict=True)
    )
    return a.rounded(a.value * b.value, errors)


@rule(UFUNCS, np.square)
def square(a: Bounded) -> Bounded:
    return multiply(a, a)


@rule(UFUNCS, np.true_divide)
def divide(a: Bounded, b: Bounded) -> Bounded:
    quotient = a.value / b.value
    errors = (
        np.where(
            np.abs(b.value) > eb, (ea + np.abs(quotient) * eb) / (np.abs(b.value) - eb), np.inf
        )
        for ea, eb in zip(a.errors(), b.errors(), strict=True)
    )
    return a.rounded(quotient, errors)


@rule(UFUNCS, np.negative)
def negative(a: Bounded) -> Bounded:
    return Bounded((-a.value, *a.parts[1:]), a.dtype)


@rule(UFUNCS, np.matmul)
def matmul(a: Bounded, b: Bounded) -> Bounded:
    """Sums of K products: gamma_K, products included (Higham, 2002, equation 3.5)."""
    (x, y), k = (np.abs(a.value), np.abs(b.value)), a.shape[-1]
    size = x @ y
    errors = [
        (x @ eb if eb.any() else 0) + (ea @ y + ea @ eb if ea.any() else 0) + 0 * size
        for ea, eb in zip(a.errors(), b.errors(), strict=True)
    ]
    return Bounded((a.value @ b.value, size, np.full_like(size, k + 1), *errors), a.dtype)


PREDICATES.update(
    (np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal),
    (np.isnan, np.isfinite, np.isinf, np.sign),
)
