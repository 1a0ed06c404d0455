"""Softplus: a rectified linear unit without its corner."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import each_number, require
from .op import Array, Op, Tensor
from .sigmoid import logistic


class Cache(NamedTuple):
    """What softplus_backward reads."""

    x: Array
    beta: float
    threshold: float | None


def softplus(x: Array, *, beta: float = 1.0, threshold: float | None = 20.0) -> tuple[Array, Cache]:
    """out = log(1 + exp(beta * x)) / beta.

    x: any shape -> out: as x, cache. exp is taken of -|beta * x| only, which never overflows: with
    z = beta * x, log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|)).
    threshold: above it, beta * x counts as large and out is x itself, as in torch, which is up to
    exp(-threshold) / beta off; None for the formula everywhere, as in tf.nn and JAX.

    Raises ValueError where beta is not positive.
    Source: Dugas et al., Incorporating Second-Order Functional Knowledge for Better Option Pricing,
    2001, equation 5; torch.nn.functional.softplus (beta, threshold).

    >>> softplus(np.array([-1000.0, 0.0, 1000.0]))[0]
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    require("softplus beta", beta > 0, beta, "a number above 0")

    def of_each(x: Array) -> Array:
        z = beta * x
        out = (np.where(x > 0, z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta
        return np.where(is_large(z, threshold), x, out)

    return each_number(of_each, x), Cache(x, beta, threshold)


def softplus_backward(dout: Array, cache: Cache) -> Array:
    """dout: as x -> dx = dout * sigmoid(beta * x), or dout where beta * x counts as large."""
    x, beta, threshold = cache

    def of_each(dout: Array, x: Array) -> Array:
        return np.where(is_large(beta * x, threshold), dout, dout * logistic(beta * x))

    dx: Array = each_number(of_each, dout, x)
    return dx


def is_large(z: Array, threshold: float | None) -> Array:
    """Where z is above the threshold; nowhere if there is none."""
    return z > (np.inf if threshold is None else threshold)


OP = Op(
    forward=softplus,
    backward=softplus_backward,
    inputs={"x": Tensor("N C H W")},
    conventions={"threshold": (20.0, None)},
)
