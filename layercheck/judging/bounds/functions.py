"""Rules of functions: what an error of the argument becomes."""

from __future__ import annotations

import numpy as np

from ref_layers.op import Array
from ref_layers.special import erf

from .arithmetic import negative
from .bounded import FUNCTIONS, UFUNCS, Bounded, rule

LIBRARY = 4.0
"""Error of exp, log, tanh, ... in units of u: vectorized libraries promise 1 to 2 ulp."""


@rule(UFUNCS, np.sqrt)
def square_root(a: Bounded) -> Bounded:
    root = np.sqrt(a.value)

    def spread(error: Array) -> Array:
        below = np.sqrt(np.maximum(a.value - error, 0))
        return np.where(error == 0, 0.0, error / np.where(root + below == 0, 1, root + below))

    return a.through(root, spread, 1.0)


@rule(UFUNCS, np.exp)
def exponential(a: Bounded) -> Bounded:
    value = np.exp(a.value)

    def spread(error: Array) -> Array:
        """exp(a + error) - exp(a); where exp(a) is 0, what is left of it."""
        return np.where(value > 0, value * np.expm1(error), np.exp(a.value + error))

    return a.through(value, spread, LIBRARY)


@rule(UFUNCS, np.expm1)
def exponential_less_one(a: Bounded) -> Bounded:
    """exp(a + error) - exp(a) is what exp moves by; the value is within LIBRARY of its own size."""
    return a.through(np.expm1(a.value), lambda error: np.exp(a.value) * np.expm1(error), LIBRARY)


@rule(UFUNCS, np.power)
def power(a: Bounded, exponent: Bounded) -> Bounded:
    """a ** n for a positive a and a constant n.

    With r = error / a, both (1 + r)^n - 1 and 1 - (1 - r)^n are at most (1 - r)^-|n| - 1 in size.
    """
    value, n = np.power(a.value, exponent.value), np.abs(exponent.value)

    def spread(error: Array) -> Array:
        share = np.minimum(error / a.value, 1)
        return np.where(share < 1, value * np.expm1(-n * np.log1p(-share)), np.inf)

    return a.through(value, spread, LIBRARY)


@rule(UFUNCS, np.log)
def logarithm(a: Bounded) -> Bounded:
    def spread(error: Array) -> Array:
        return np.where(error < a.value, -np.log1p(-np.minimum(error / a.value, 1)), np.inf)

    return a.through(np.log(a.value), spread, LIBRARY)


@rule(UFUNCS, np.log1p)
def logarithm_of_one_more(a: Bounded) -> Bounded:
    def spread(error: Array) -> Array:
        """log(1 + a) - log(1 + a - error): the larger of the two sides."""
        share = error / (1 + a.value)
        return np.where(share < 1, -np.log1p(-np.minimum(share, 1)), np.inf)

    return a.through(np.log1p(a.value), spread, LIBRARY)


@rule(UFUNCS, np.tanh)
def hyperbolic_tangent(a: Bounded) -> Bounded:
    def spread(error: Array) -> Array:
        steepest = 1 - np.tanh(np.maximum(np.abs(a.value) - error, 0)) ** 2
        return np.asarray(error * steepest)

    return a.through(np.tanh(a.value), spread, LIBRARY)


@rule(FUNCTIONS, erf)
def error_function(a: Bounded) -> Bounded:
    """erf' = 2 / sqrt(pi) exp(-x^2) is largest where the interval comes nearest to 0."""

    def spread(error: Array) -> Array:
        nearest = np.maximum(np.abs(a.value) - error, 0)
        steepest: Array = 2 / np.sqrt(np.pi) * np.exp(-nearest * nearest)
        return error * steepest

    return a.through(erf(a.value), spread, LIBRARY)


@rule(UFUNCS, np.absolute)
def absolute(a: Bounded) -> Bounded:
    parts = a.parts.copy()
    np.abs(a.value, out=parts[0, ...])
    return Bounded(parts, a.dtype)


@rule(UFUNCS, np.maximum)
def maximum(a: Bounded, b: Bounded) -> Bounded:
    """Picks one of two, so no rounding; whichever is picked, the error is at most the larger."""
    errors = np.maximum(a.errors(), b.errors())
    return a.rounded(np.maximum(a.value, b.value), errors, ulps=0.0)


@rule(UFUNCS, np.minimum)
def minimum(a: Bounded, b: Bounded) -> Bounded:
    return negative(maximum(negative(a), negative(b)))
