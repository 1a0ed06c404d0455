"""Flatten: several axes become one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .op import Array, Op, Tensor, is_size


class Cache(NamedTuple):
    """What backward needs."""

    shape: tuple[int, ...]
    channels_last: bool


def flatten(x: Array, *, start_dim: int = 1, channels_last: bool = False) -> tuple[Array, Cache]:
    """out = x with all axes from start_dim on made one, in row-major order.

    x: (N, C, H, W) or any other -> out: x.shape[:start_dim] + (the product of the rest,), cache; a
    view of x where NumPy has one. start_dim: 0 to x.ndim - 1.
    channels_last: move the channels, axis 1, to the end first, so that they vary fastest: the order
    (h, w, c) of a TensorFlow image, where torch has (c, h, w). A linear layer that follows needs
    its weights in that order.

    Raises ValueError where start_dim is no axis, or channels_last meets one other than 1.
    Source: torch.nn.Flatten; tf.keras.layers.Flatten (channels_last).

    >>> x = np.arange(8).reshape(1, 2, 2, 2)
    >>> flatten(x)[0], flatten(x, channels_last=True)[0]
    (array([[0, 1, 2, 3, 4, 5, 6, 7]]), array([[0, 4, 1, 5, 2, 6, 3, 7]]))
    """
    fits = is_size(start_dim) and 0 <= start_dim < x.ndim
    require("flatten start_dim", fits, start_dim, f"0 to {x.ndim - 1} for x {x.shape}")
    require(
        "flatten start_dim", start_dim == 1 or not channels_last, start_dim, "1 with channels_last"
    )
    size = int(np.prod(x.shape[start_dim:]))
    moved = np.moveaxis(x, 1, -1) if channels_last else x  # (N, H, W, C)
    return moved.reshape(*x.shape[:start_dim], size), Cache(x.shape, channels_last)


def flatten_backward(dout: Array, cache: Cache) -> Array:
    """dout: as out -> dx: as x, the same numbers in x's shape."""
    shape, channels_last = cache
    if not channels_last:
        return dout.reshape(shape)
    return np.moveaxis(dout.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


OP = Op(
    forward=flatten,
    backward=flatten_backward,
    inputs={"x": Tensor("N C H W")},
    # no conventions: a dx in torch's order would pass beside an out in TensorFlow's
    linear=True,
)
