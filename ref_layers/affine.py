"""Affine (fully connected, dense) layer: a weighted sum of all inputs, plus a bias."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from .arrays import require
from .op import Array, Op, Tensor


class Cache(NamedTuple):
    """What affine_backward reads."""

    x: Array
    w: Array
    b: Array | None


def affine(x: Array, w: Array, b: Array | None = None) -> tuple[Array, Cache]:
    """out[n, m] = b[m] + sum over d of x[n, d] w[d, m].

    x: (N, ...), each sample flattened to D numbers · w: (D, M) · b: (M,) or None -> out: (N, M),
    cache. torch.nn.functional.linear has w as (M, D).

    Raises ValueError where shapes do not fit.
    Source: Stanford CS231n, Backpropagation, 'Gradients for vectorized operations'.

    >>> import numpy as np
    >>> out, _ = affine(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 4.0]]))
    >>> out
    array([[ 1.,  2., 11.]])
    """
    check_shapes(x, w, b)
    out = rows(x) @ w
    return (out if b is None else out + b), Cache(x, w, b)


def affine_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """dout: (N, M) -> dx: as x, dw: (D, M), db: (M,) or None."""
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, rows(x).T @ dout, None if b is None else dout.sum(axis=0)


def rows(x: Array) -> Array:
    """(N, ...) -> (N, D)."""
    return x.reshape(x.shape[0], prod(x.shape[1:]))


def check_shapes(x: Array, w: Array, b: Array | None) -> None:
    """Raise ValueError where shapes do not fit."""
    require("affine x", x.ndim >= 1, x.shape, "(N, ...)")
    d = prod(x.shape[1:])
    require("affine w", w.ndim == 2 and w.shape[0] == d, w.shape, f"({d}, M) for x {x.shape}")
    m = w.shape[1]
    require("affine b", b is None or b.shape == (m,), None if b is None else b.shape, f"({m},)")


OP = Op(
    forward=affine,
    backward=affine_backward,
    inputs={
        "x": Tensor("N C H W"),
        "w": Tensor("C*H*W M", draw="weight"),
        "b": Tensor("M", draw="weight", optional=True),
    },
    linear=True,
)
