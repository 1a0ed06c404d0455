"""Something added too often, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layercheck.judging.bounds import Bound
from oracles.oracle import Array

from .scale import quantities
from .shown import Shown

RANK = 12


def true(shown: Shown) -> Iterator[str]:
    """`out lacks b`, `out has b C times`."""
    if not shown.fits or shown.got.dtype.kind != "f" or not np.isfinite(shown.got).all():
        return
    for name, value in addends(shown):
        seen = times(shown, value)
        for text, factor in (*counts(shown), *plain(seen)):
            if abs(factor - seen) <= 1e-3 * max(1.0, abs(seen)) and adds_up(shown, factor * value):
                yield f"{shown.name} {text.format(name)}"


def addends(shown: Shown) -> Iterator[tuple[str, Array]]:
    """The case's arrays in the shape of this one."""
    seen, shape = shown.seen, shown.right.shape
    known = {**seen.question.inputs, "dout": seen.question.dout, **seen.truth}
    for name, value in known.items():
        if name == shown.name or value.dtype.kind != "f" or not value.any():
            continue
        wide = value.astype(np.longdouble)
        if value.shape == shape:
            yield name, wide
        elif value.ndim == 1 and len(shape) > 1 and value.size == shape[1]:
            yield name, np.broadcast_to(wide.reshape(-1, *(1,) * (len(shape) - 2)), shape)
        elif value.ndim < len(shape) and shape[len(shape) - value.ndim :] == value.shape:
            yield name, np.broadcast_to(wide, shape)
    if shown.right.ndim:
        yield "1", np.ones(shape, np.longdouble)


def times(shown: Shown, value: Array) -> float:
    """How many times a value is in the difference, by its largest element."""
    place = np.unravel_index(np.argmax(np.abs(value)), value.shape)
    if not np.isfinite(value[place]) or not value[place]:
        return 0.0
    return float((shown.got[place] - shown.right[place]) / value[place])


def counts(shown: Shown) -> Iterator[tuple[str, float]]:
    """How often something may be there too often, in words."""
    yield "lacks {}", -1.0
    yield "has {} once too often", 1.0
    yield "has {} taken off where it should be added", -2.0
    for text, value in quantities(shown).items():
        if value not in (0.0, 1.0, 2.0):
            yield f"has {{}} {text} times", value - 1


def plain(seen: float) -> Iterator[tuple[str, float]]:
    """A number that people write, such as a decay of 0.001, where it is nearly that."""
    for digits in (1, 2):
        factor = float(f"{seen:.{digits}g}")
        if factor not in (0.0, 1.0, -1.0, -2.0):
            yield f"has {factor:g} times {{}} added", factor


def adds_up(shown: Shown, more: Array) -> bool:
    """Whether the array is the right one and this."""
    if not np.isfinite(more).all():
        return False
    unit = float(np.finfo(shown.seen.case.dtype).eps)
    room = Bound(shown.bound.likely + unit * np.abs(more), shown.bound.worst, shown.bound.unit)
    return shown.equals(shown.right + more, room)
