"""Padding: an image gets a border of one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .arrays import require
from .op import Array, Op, Tensor
from .windows import Pair, Sides, resolve_padding


class Cache(NamedTuple):
    """What backward needs."""

    sides: Sides
    size: Pair


def pad(
    x: Array, *, padding: int | Sequence[int] | Sequence[Sequence[int]], value: float = 0.0
) -> tuple[Array, Cache]:
    """out[..., top + i, left + j] = x[..., i, j]; the border around it is `value`.

    x: (N, C, H, W) -> out: (N, C, top + H + bottom, left + W + right), cache.
    padding: int, (h, w) or ((top, bottom), (left, right)), in pixels, none below 0.
    value: of the border, in x's units.

    Raises ValueError unless x has four dimensions and padding one of these forms.
    Source: torch.nn.functional.pad and tf.pad, mode "constant".

    >>> pad(np.ones((1, 1, 1, 2)), padding=((0, 1), (1, 0)), value=7.0)[0][0, 0]
    array([[7., 1., 1.],
           [7., 7., 7.]])
    """
    require("pad x", x.ndim == 4, x.shape, "(N, C, H, W)")
    require(
        "pad padding",
        not isinstance(padding, str),
        repr(padding),
        "an int, (h, w) or ((top, bottom), (left, right))",
    )
    n, c, h, w = x.shape
    sides = resolve_padding(padding, (h, w), (1, 1), (1, 1))
    (top, bottom), (left, right) = sides
    out = np.zeros_like(x, shape=(n, c, top + h + bottom, left + w + right)) + value
    cache = Cache(sides, (h, w))
    image(out, cache)[...] = x
    return out, cache


def pad_backward(dout: Array, cache: Cache) -> Array:
    """dout: as out -> dx: (N, C, H, W): the gradient of the border goes nowhere."""
    dx: Array = image(dout, cache).copy()
    return dx


def image(padded: Array, cache: Cache) -> Array:
    """The view of the image itself: (..., *padded) -> (..., H, W)."""
    ((top, _), (left, _)), (h, w) = cache
    view: Array = padded[..., top : top + h, left : left + w]
    return view


OP = Op(
    forward=pad,
    backward=pad_backward,
    inputs={"x": Tensor("N C H W")},
)
