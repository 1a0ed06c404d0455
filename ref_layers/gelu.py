"""Gaussian error linear unit: x times the chance that a standard normal number is below x."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import blocks, promoted, require
from .op import Array, Op, Tensor
from .special import SATURATED, erf, number, pi

CUBIC = 0.044715
"""Of x^3 in the tanh approximation, as the paper has it."""


class Cache(NamedTuple):
    """What gelu_backward reads."""

    x: Array
    share: Array
    slope: Array


def gelu(x: Array, *, approximate: str = "none") -> tuple[Array, Cache]:
    """out = x * P(x), P the distribution function of the standard normal distribution.

    x: any shape -> out: as x, cache.
    approximate: "none", P(x) = (1 + erf(x / sqrt(2))) / 2; or "tanh", P(x) = (1 + tanh(sqrt(2 / pi)
    (x + 0.044715 x^3))) / 2, which is up to 5e-4 off (the default in JAX; torch's and tf.nn's is
    "none").

    Raises ValueError for any other approximate.
    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016, section 2.

    >>> out, _ = gelu(np.array([-1.0, 0.0, 1.0]))
    >>> out
    array([-0.15865525,  0.        ,  0.84134475])
    """
    require("gelu approximate", approximate in ("none", "tanh"), approximate, '"none" or "tanh"')
    (x,) = promoted(x)
    share, slope = (np.empty_like(x, order="C") for _ in range(2))
    numbers, shares, slopes = (each.reshape(-1) for each in (x, share, slope))
    for some in blocks(x.size, x.itemsize):
        both = by_tanh if approximate == "tanh" else by_erf
        shares[some], slopes[some] = both(numbers[some])
    return x * share, Cache(x, share, slope)


def gelu_backward(dout: Array, cache: Cache) -> Array:
    """dout: as x -> dx = dout * (P(x) + x P'(x))."""
    x, share, slope = cache
    dx: Array = dout * (share + x * slope)
    return dx


def by_erf(x: Array) -> tuple[Array, Array]:
    """P(x) and P'(x), the normal density."""
    share = 0.5 * (1 + erf(x / np.sqrt(number(x, 2))))
    return share, np.exp(-0.5 * x * x) / np.sqrt(2 * pi(x))


def by_tanh(x: Array) -> tuple[Array, Array]:
    """P(x) and P'(x) of the approximation."""
    scale = np.sqrt(2 / pi(x))
    z = scale * (x + CUBIC * x * x * x)
    t = np.tanh(z)
    steep = np.where(np.abs(z) > SATURATED, number(x, 0), 0.5 * (1 - t * t))
    return 0.5 * (1 + t), steep * scale * (1 + 3 * CUBIC * x * x)


OP = Op(
    forward=gelu,
    backward=gelu_backward,
    inputs={"x": Tensor("N C H W")},
    conventions={"approximate": ("none", "tanh")},
)
