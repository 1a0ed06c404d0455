"""A factor or a difference of its own for each sample, channel, row or column."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from layercheck.judging.bounds import Bound
from oracles.oracle import Array

from .shown import Shown

RANK = 50
AXES = {
    1: ("element",),
    2: ("sample", "column"),
    3: ("sample", "channel", "position"),
    4: ("sample", "channel", "row", "column"),
}


def true(shown: Shown) -> Iterator[str]:
    """`dx is off by a factor of its own for each channel`."""
    if not shown.fits or shown.got.size < 2 or shown.got.dtype.kind != "f":
        return
    if not np.isfinite(shown.got).all() or not np.isfinite(shown.right).all():
        return
    names = AXES.get(shown.right.ndim, ())
    for count in range(min(len(names), 2) + 1):
        for chosen in combinations(range(len(names)), count):
            others = tuple(axis for axis in range(len(names)) if axis not in chosen)
            if tells(shown.right.shape, others):
                each = " and ".join(f"each {names[axis]}" for axis in chosen)
                whose = f"of its own for {each}" if chosen else "that is the same everywhere"
                yield from off_by(shown, others, whose)


def tells(shape: tuple[int, ...], along: tuple[int, ...]) -> bool:
    """Whether three numbers or more have to agree."""
    return int(np.prod([shape[axis] for axis in along] or [1])) >= 3


def off_by(shown: Shown, along: tuple[int, ...], whose: str) -> Iterator[str]:
    """A factor or a difference that is constant along axes."""
    factor, relative = factors(shown, along)
    grown = Bound(
        shown.bound.likely * np.maximum(1, np.abs(factor)), shown.bound.worst, shown.bound.unit
    )
    slack = Bound(grown.likely + np.abs(shown.right) * relative, grown.worst, grown.unit)
    if shown.is_near(factor * shown.right) and shown.equals(factor * shown.right, slack):
        yield f"{shown.name} is off by a factor {whose}"
    with np.errstate(invalid="ignore"):
        difference = np.mean(shown.got - shown.right, axis=along, keepdims=True)
    spread = np.mean(shown.bound.likely, axis=along, keepdims=True)
    moved = Bound(shown.bound.likely + spread, shown.bound.worst, shown.bound.unit)
    if shown.is_near(shown.right + difference) and shown.equals(shown.right + difference, moved):
        yield f"{shown.name} is off by a number {whose}"


def factors(shown: Shown, along: tuple[int, ...]) -> tuple[Array, Array]:
    """got / right where right is largest along axes, and how far rounding may take that."""
    size = np.abs(shown.right)
    top = np.max(size, axis=along, keepdims=True)
    there = size == top
    safe = np.where(top > 0, top, 1)
    limit = np.max(np.where(there, shown.bound.likely, 0), axis=along, keepdims=True)
    value = np.where(there, shown.got / np.where(shown.right != 0, shown.right, 1), np.nan)
    with np.errstate(all="ignore"):
        first = np.nanmean(value, axis=along, keepdims=True) if along else value
    return np.nan_to_num(first), np.asarray(limit / safe)
