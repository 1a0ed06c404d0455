"""Addition of two branches: the end of a residual block."""

from __future__ import annotations

from typing import NamedTuple

from .arrays import require
from .op import Array, Op, Tensor


class Cache(NamedTuple):
    """Nothing is needed: the gradient of a sum does not depend on what was added."""


def add(x: Array, y: Array) -> tuple[Array, Cache]:
    """out = x + y.

    x, y: (N, C, H, W), or any one shape -> out: as x, cache.

    Raises ValueError unless the shapes are equal: a residual is not broadcast.
    Source: He et al., Deep Residual Learning, 2016, equation 1.

    >>> import numpy as np
    >>> add(np.array([1.0, 2.0]), np.array([10.0, 20.0]))[0]
    array([11., 22.])
    """
    require("add y", x.shape == y.shape, y.shape, f"the shape of x, {x.shape}")
    return x + y, Cache()


def add_backward(dout: Array, cache: Cache) -> tuple[Array, Array]:
    """dout: as out -> dx, dy: both are dout, each a copy of its own."""
    return dout.copy(), dout.copy()


OP = Op(
    forward=add,
    backward=add_backward,
    inputs={"x": Tensor("N C H W"), "y": Tensor("N C H W")},
    linear=True,
)
