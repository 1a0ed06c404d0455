"""Concatenation of branches along their channels: inception blocks and skip connections."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .op import Array, Op, Tensor


class Cache(NamedTuple):
    """What backward needs."""

    channels: tuple[int, ...]


def concat(x: Array, y: Array, z: Array | None = None) -> tuple[Array, Cache]:
    """out = the channels of x, then those of y, then those of z.

    x: (N, C, ...) · y: (N, D, ...) · z: (N, E, ...) or None -> out: (N, C + D + E, ...), cache.

    Raises ValueError unless x has channels and the shapes are equal but for axis 1.
    Source: Szegedy et al., Going Deeper with Convolutions, 2015, section 4; torch.cat(..., 1).

    >>> concat(np.ones((1, 1, 2)), np.zeros((1, 2, 2)))[0]
    array([[[1., 1.],
            [0., 0.],
            [0., 0.]]])
    """
    require("concat x", x.ndim >= 2, x.shape, "(N, C, ...)")
    parts = [part for part in (x, y, z) if part is not None]
    for part in parts:
        others = (x.shape[:1], x.shape[2:]) == (part.shape[:1], part.shape[2:])
        require("concat", others, part.shape, f"{x.shape} but for axis 1")
    return np.concatenate(parts, axis=1), Cache(tuple(part.shape[1] for part in parts))


def concat_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """dout: as out -> dx, dy, dz (or None): each branch gets the gradient of its own channels."""
    c, d, *_ = cache.channels
    dz = dout[:, c + d :].copy() if len(cache.channels) == 3 else None
    return dout[:, :c].copy(), dout[:, c : c + d].copy(), dz


OP = Op(
    forward=concat,
    backward=concat_backward,
    inputs={
        "x": Tensor("N C H W"),
        "y": Tensor("N D H W"),
        "z": Tensor("N E H W", optional=True),
    },
    linear=True,
)
