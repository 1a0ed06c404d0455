"""What losses share: class labels, and how one loss for each sample becomes one number."""

from __future__ import annotations

import numpy as np

from .arrays import require
from .op import Array

REDUCTIONS = ("mean", "sum", "none")


def reduce(losses: Array, reduction: str, count: int) -> Array:
    """losses: (N,) -> their sum over count ("mean"), their sum, or themselves ("none")."""
    if reduction == "none":
        return losses
    total = losses.sum(axis=0, keepdims=True)
    out: Array = (total / count if reduction == "mean" else total).reshape(())
    return out


def reduce_backward(dout: Array, reduction: str, count: int) -> Array:
    """The gradient of each sample's loss, as a column: (N, 1), or (1, 1) for all alike."""
    column = dout.reshape(-1, 1)
    return column / count if reduction == "mean" else column


def is_label(y: Array, classes: int) -> Array:
    """y: (N,) -> (N, C): whether class c is sample n's own."""
    own: Array = y[:, None] == np.arange(classes)
    return own


def check_loss(op: str, x: Array, y: Array, reduction: str, kept: Array | bool = True) -> None:
    """Raise ValueError where x, y and reduction do not fit; labels that are not kept may be any."""
    require(f"{op} x", x.ndim == 2 and x.shape[1] > 0, x.shape, "(N, C)")
    require(f"{op} y", y.shape == x.shape[:1], y.shape, f"({x.shape[0]},) for x {x.shape}")
    require(f"{op} y", y.dtype.kind in "iu", y.dtype, "whole numbers")
    outside = y[kept & ((y < 0) | (y >= x.shape[1]))]
    require(f"{op} y", outside.size == 0, f"label {outside[:1]}", f"0 to {x.shape[1] - 1}")
    require(f"{op} reduction", reduction in REDUCTIONS, reduction, f"one of {REDUCTIONS}")
