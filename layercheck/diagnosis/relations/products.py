"""The gradient of an elementwise layer, as another product than dout times the slope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from layercheck.judging.bounds import Bound
from oracles.oracle import Array

from .instead import is_right
from .shown import Shown, unit_of

RANK = 18
ROUNDINGS = 8
"""How many roundings a product of a few numbers may hold."""


def true(shown: Shown) -> Iterator[str]:
    """`dx is dout times x`."""
    dout, out = shown.seen.question.dout, shown.seen.truth.get("out")
    x = shown.seen.question.inputs.get("x")
    if shown.name != "dx" or not shown.fits or x is None or out is None:
        return
    if not x.shape == dout.shape == out.shape or len(shown.seen.question.inputs) > 1:
        return
    with np.errstate(all="ignore"):
        for text, slope in slopes({"x": x, "out": out}).items():
            sentence = f"dx is dout times {text}"
            if shown.wants(sentence) and is_it(shown, dout.astype(np.longdouble) * slope):
                yield sentence


def slopes(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """What stands in the slope's place."""
    found: dict[str, Array] = {}
    for name, value in arrays.items():
        wide = value.astype(np.longdouble)
        found |= {
            name: wide,
            f"(1 - {name})": 1 - wide,
            f"(1 + {name})": 1 + wide,
            f"{name}^2": wide * wide,
            f"(1 - {name}^2)": 1 - wide * wide,
            f"{name} (1 - {name})": wide * (1 - wide),
            f"|{name}|": np.abs(wide),
            f"the sign of {name}": np.sign(wide),
            f"exp({name})": np.exp(wide),
            f"1/{name}": 1 / wide,
        }
    return found


def is_it(shown: Shown, value: Array) -> bool:
    """Whether the array is this one, and not the right one."""
    if is_right(shown, value.astype(np.float64)):
        return False
    size = np.where(np.isfinite(value), np.abs(value), 0)
    room = ROUNDINGS * unit_of(shown.seen.case.dtype) * np.maximum(size, 1)
    return shown.is_near(value) and shown.equals(value, Bound(room, room, shown.bound.unit))
