"""The logarithm of softmax, without the detour that loses its digits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .op import Array, Op, Tensor
from .softmax import check_dim


class Cache(NamedTuple):
    """What log_softmax_backward reads."""

    out: Array
    dim: int


def log_softmax(x: Array, *, dim: int = -1) -> tuple[Array, Cache]:
    """out = x - log of the sum of exp(x) along dim.

    x: any shape -> out: as x, cache. dim: the axis along which exp(out) adds up to 1 (tf.nn: axis).
    The largest score is subtracted first, so that exp cannot overflow; log(softmax(x)) would be
    -inf for every score that is 1000 below the largest.

    Raises ValueError where x has no such axis.
    Source: Blanchard, Higham and Higham, Accurately Computing the Log-Sum-Exp and Softmax
    Functions, 2021, equation 1.5.

    >>> out, _ = log_softmax(np.array([[0.0, 0.0], [0.0, -1000.0]]))
    >>> out
    array([[-6.93147181e-01, -6.93147181e-01],
           [ 0.00000000e+00, -1.00000000e+03]])
    """
    check_dim("log_softmax", x, dim)
    shifted = x - np.max(x, axis=dim, keepdims=True)
    out = shifted - np.log(np.sum(np.exp(shifted), axis=dim, keepdims=True))
    return out, Cache(out, dim)


def log_softmax_backward(dout: Array, cache: Cache) -> Array:
    """dout: as x -> dx = dout - exp(out) * sum of dout along dim."""
    out, dim = cache
    dx: Array = dout - np.exp(out) * np.sum(dout, axis=dim, keepdims=True)
    return dx


OP = Op(
    forward=log_softmax,
    backward=log_softmax_backward,
    inputs={"x": Tensor("N C H W")},
)
