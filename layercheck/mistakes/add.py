"""What people get wrong in add."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.add import Cache, add
from ref_layers.op import Array


def added_in_place(x: Array, y: Array) -> Any:
    """y is added into x, so that the caller's x changes. Make a new array: x + y."""
    x += y
    return x, Cache()


def averaged(x: Array, y: Array) -> Any:
    """The branches are averaged. A residual block adds them."""
    out, cache = add(x, y)
    return out / 2, cache


def multiplied(x: Array, y: Array) -> Any:
    """The branches are multiplied. A residual block adds them."""
    return x * y, Cache()


def shortcut_forgotten(x: Array, y: Array) -> Any:
    """The shortcut is not added. The output is x + y."""
    return x.copy(), Cache()


def rectified(x: Array, y: Array) -> Any:
    """A ReLU is part of the sum. It is a layer of its own, after it."""
    out, cache = add(x, y)
    return np.maximum(out, 0), cache


def shortcut_without_gradient(dout: Array, cache: Cache) -> Any:
    """The shortcut gets no gradient. Both branches get all of dout."""
    return dout.copy(), np.zeros_like(dout)


def gradient_split(dout: Array, cache: Cache) -> Any:
    """dout is split between the branches, half each. Both get all of it."""
    return dout / 2, dout / 2


def gradient_doubled(dout: Array, cache: Cache) -> Any:
    """One array stands for both gradients and takes both '+='. Each branch needs a copy of dout."""
    dx = dout.copy()
    dx += dout
    return dx, dx
