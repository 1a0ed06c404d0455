"""Rectified linear unit: negative numbers become 0."""

from __future__ import annotations

import numpy as np

from .op import Array, Op, Tensor


def relu(x: Array) -> tuple[Array, Array]:
    """out = max(0, x).

    x: any shape -> out: as x, and x as the cache.
    Source: Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, 2010.

    >>> out, _ = relu(np.array([-2.0, 0.0, 3.0]))
    >>> out
    array([0., 0., 3.])
    """
    return np.maximum(x, 0), x


def relu_backward(dout: Array, x: Array) -> Array:
    """dout: as x -> dx = dout where x > 0, else 0. At the kink, x = 0, it is 0."""
    return np.where(x > 0, dout, 0)


OP = Op(
    forward=relu,
    backward=relu_backward,
    inputs={"x": Tensor("N C H W")},
)
