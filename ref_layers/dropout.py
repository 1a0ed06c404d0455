"""Inverted dropout: elements are dropped at random, the others scaled up to keep the mean."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .op import Array, Op, Tensor


class Cache(NamedTuple):
    """What backward needs."""

    mask: Array | None
    p: float


def dropout(
    x: Array,
    mask: Array | None = None,
    *,
    p: float = 0.5,
    training: bool = True,
    mask_seed: int = 0,
) -> tuple[Array, Cache]:
    """out = x * mask / (1 - p), so that the expected out is x; out = x where training is False.

    x: any shape · mask: as x, 1 keeps an element and 0 drops it, or None -> out: as x, cache.
    p: the probability to drop an element; at p = 1 out is 0. Without a mask one is
    drawn: mask = RandomState(mask_seed).random_sample(x.shape) >= p. Backward uses the same mask.

    Raises ValueError unless 0 <= p <= 1 and the mask has x's shape.
    Source: Srivastava et al., Dropout, 2014, section 10; torch.nn.functional.dropout.

    >>> dropout(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 0.0, 1.0]]), p=0.75)[0]
    array([[ 4.,  0., 12.]])
    """
    require("dropout p", 0 <= p <= 1, p, "a probability from 0 to 1")
    fits = mask is None or mask.shape == x.shape
    require("dropout mask", fits, getattr(mask, "shape", None), f"{x.shape}")
    if not training:
        return x.copy(), Cache(None, p)
    mask = drawn(x, p, mask_seed) if mask is None else mask
    return scaled(x, mask, p), Cache(mask, p)


def dropout_backward(dout: Array, cache: Cache) -> Array:
    """dout: as x -> dx: as x: what was dropped gets no gradient, the rest is scaled alike."""
    mask, p = cache
    return dout.copy() if mask is None else scaled(dout, mask, p)


def scaled(x: Array, mask: Array, p: float) -> Array:
    """x * mask / (1 - p); at p = 1 nothing is left to scale."""
    return np.zeros_like(x) if p == 1 else x * mask / (1 - p)


def drawn(x: Array, p: float, seed: int) -> Array:
    """A mask of 0 and 1, each 1 with probability 1 - p; the same for the same seed and shape."""
    keep = np.random.RandomState(seed).random_sample(x.shape) >= p
    return keep.astype(x.dtype)


OP = Op(
    forward=dropout,
    backward=dropout_backward,
    inputs={
        "x": Tensor("N C H W"),
        "mask": Tensor("N C H W", draw="mask", optional=True, differentiable=False),
    },
)
