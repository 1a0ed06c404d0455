"""Softmax: scores become shares that add up to 1."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .op import Array, Op, Tensor


class Cache(NamedTuple):
    """What softmax_backward reads."""

    out: Array
    dim: int


def softmax(x: Array, *, dim: int = -1) -> tuple[Array, Cache]:
    """out = exp(x) / the sum of exp(x) along dim.

    x: any shape -> out: as x, cache. dim: the axis along which out adds up to 1 (tf.nn: axis).
    The largest score is subtracted first: the same shares, and exp cannot overflow.

    Raises ValueError where x has no such axis.
    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, sections 4.1 and 6.2.2.3.

    >>> out, _ = softmax(np.array([[1000.0, 1000.0], [0.0, -1000.0]]))
    >>> out
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    check_dim("softmax", x, dim)
    e = np.exp(x - np.max(x, axis=dim, keepdims=True))
    out = e / np.sum(e, axis=dim, keepdims=True)
    return out, Cache(out, dim)


def softmax_backward(dout: Array, cache: Cache) -> Array:
    """dout: as x -> dx = out * (dout - sum of dout * out along dim)."""
    out, dim = cache
    dx: Array = out * (dout - np.sum(dout * out, axis=dim, keepdims=True))
    return dx


def check_dim(op: str, x: Array, dim: int) -> None:
    """Raise ValueError where x has no such axis."""
    require(f"{op} dim", -x.ndim <= dim < x.ndim, dim, f"an axis of x {x.shape}")


OP = Op(
    forward=softmax,
    backward=softmax_backward,
    inputs={"x": Tensor("N C H W")},
)
