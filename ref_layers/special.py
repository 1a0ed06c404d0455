"""Functions that NumPy lacks, in whatever arithmetic a layer runs."""

from __future__ import annotations

from operator import methodcaller
from typing import Any

import numpy as np

from .op import Array

PI = "3.14159265358979323846264338327950288419716939937510"
SERIES_BELOW = 1.75
"""Up to here the series is summed; beyond, the continued fraction needs fewer terms."""

ONE_BEYOND = 12.0
"""1 - erf(12) is 1e-64: nothing beside 1, and 12**2 is far from overflow even in half precision."""


SATURATED = 100.0
"""Beyond, sigmoid and tanh are 1 in every arithmetic: what is left of 1 - sigmoid(100) is 4e-44."""


def erf(x: Array) -> Array:
    """erf(x) = 2 / sqrt(pi) * the integral of exp(-t^2) from 0 to x.

    x: any shape -> the same shape, within 5 units in the last place. Numbers that have an erf of
    their own (balls, bounded numbers) are asked for it.
    Source: NIST Digital Library of Mathematical Functions, 7.6.2 and 7.9.1.

    >>> erf(np.array([-np.inf, 0.0, 0.5]))
    array([-1.        ,  0.        ,  0.52049988])
    """
    if hasattr(x, "erf"):
        return x.erf()  # type: ignore[no-any-return]
    if x.dtype == object:
        return np.asarray(np.frompyfunc(methodcaller("erf"), 1, 1)(x), dtype=object)
    size = np.minimum(np.abs(x), ONE_BEYOND)
    near = size < SERIES_BELOW
    out = np.empty_like(x)
    out[near] = erf_near(size[near])
    out[~near] = 1 - erfc_far(size[~near])
    return np.copysign(out, x)


def erf_near(x: Array) -> Array:
    """2 / sqrt(pi) exp(-x^2) sum over n of 2^n x^(2n+1) / (1 * 3 * ... * (2n+1)), for x: (n,) >= 0.

    Every term is positive, so that nothing cancels; summed from the smallest (Horner).
    """
    twice = 2 * x * x
    total = np.ones_like(x)
    for n in range(series_length(float(twice.max(initial=0)), float(np.finfo(x.dtype).eps)), 0, -1):
        total *= twice
        total /= 2 * n + 1
        total += 1
    out: Array = 2 * x / np.sqrt(pi(x)) * (np.exp(-twice / 2) * total)
    return out


def series_length(ratio: float, smallest: float) -> int:
    """How many terms ratio^n / (3 * 5 * ... * (2n+1)) come before they are less than smallest."""
    n, term = 0, 1.0
    while term > smallest / 4:
        n += 1
        term *= ratio / (2 * n + 1)
    return n


def erfc_far(x: Array) -> Array:
    """1 - erf(x) = exp(-x^2) / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + ...))), x: (n,) > 0."""
    bits = 1 - np.log2(np.finfo(x.dtype).eps)
    fraction = x
    for k in range(int(bits * bits / 40) + 8, 0, -1):
        fraction = x + k / 2 / fraction
    out: Array = np.exp(-x * x) / np.sqrt(pi(x)) / fraction
    return out


def pi(x: Array) -> Array:
    """Pi in x's arithmetic, of shape (1, ..., 1)."""
    if x.dtype == object:
        return number(x, x.flat[0].pi())
    extended = np.finfo(x.dtype).eps < np.finfo(float).eps
    return number(x, x.dtype.type(PI) if extended else float(PI))


def number(x: Array, value: Any) -> Array:
    """A number in x's arithmetic, of shape (1, ..., 1)."""
    shape = (1,) * x.ndim
    if x.dtype == object:
        return np.full_like(x, type(x.flat[0])(value), shape=shape)
    constant: Array = np.zeros_like(x, shape=shape) + value
    return constant
