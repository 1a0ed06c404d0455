"""The numbers of x that a layer takes together, and what they hold: the largest of a window more
than once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layercheck.cases.case import Case
from oracles.oracle import Array
from ref_layers.windows import windows

ALONG, SAMPLE, WINDOW = "x along dim", "a sample's scores", "a window of x"
"""What is taken together, in words."""


def together(case: Case) -> tuple[str, Array] | None:
    """What is taken together, in words, and a row of numbers for each; none of a number is not
    there. None of a layer that takes no such rows."""
    x, attributes = case.inputs["x"].astype(np.float64), case.all_attributes
    if attributes.get("dim") is not None and -x.ndim <= attributes["dim"] < x.ndim:
        return ALONG, rows(x, attributes["dim"])
    if any(tensor.draw.startswith("labels") for tensor in case.spec.inputs.values()) and x.ndim > 1:
        return SAMPLE, rows(x, 1)
    if {"kernel_size", "ceil_mode"} <= attributes.keys() and x.ndim == 4:
        return WINDOW, of_windows(x, case)
    return None


def rows(x: Array, axis: int) -> Array:
    """What lies along one axis, a row each."""
    return np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])


def of_windows(x: Array, case: Case) -> Array:
    """What lies in each window of a pool, a row each."""
    asked = {"dilation": 1, **case.all_attributes}
    kernel, stride = asked["kernel_size"], asked["stride"]
    sizes = (kernel, kernel if stride is None else stride, asked["padding"], asked["dilation"])
    over = windows(case.op, x.shape[2:], *sizes, asked["ceil_mode"])
    padded = over.pad(x, np.nan)
    taken = np.stack([over.tap(padded, i, j) for i, j in over.taps], axis=-1)
    return taken.reshape(-1, taken.shape[-1])


def told_together(case: Case) -> Iterator[str]:
    """What the rows of a case hold."""
    found = together(case)
    if found is None or found[1].size == 0:
        return
    words, values = found
    known = values[~np.isnan(values).all(axis=1)]
    if not known.size:
        return
    top = np.nanmax(known, axis=1, keepdims=True)
    if ((known == top).sum(axis=1) > 1).any():
        yield f"the largest number of {words} is there more than once"
    if known.shape[1] > 1 and (top == np.nanmin(known, axis=1, keepdims=True)).any():
        yield f"the numbers of {words} are all alike"
