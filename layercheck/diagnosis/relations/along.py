"""A factor or a difference of its own for each sample, channel, row or column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from layercheck.implementations.protocol import is_parameter
from layercheck.judging.bounds import Bound
from oracles.oracle import Array

from .shown import Shown

RANK = 50
AXES = {
    1: ("element",),
    2: ("sample", "column"),
    3: ("sample", "channel", "position"),
    4: ("sample", "channel", "row", "column"),
    5: ("sample", "channel", "row", "column", "fifth"),
}

AXES_OF_WEIGHTS = {
    1: ("element",),
    2: ("row", "column"),
    4: ("filter", "channel", "kernel row", "kernel column"),
}
"""Weights, and their gradients, have no sample."""


def axes_of(shown: Shown) -> tuple[str, ...]:
    """What the axes of an array are called; nothing where nobody knows."""
    has_samples = not is_parameter(shown.name.removeprefix("d"))
    return (AXES if has_samples else AXES_OF_WEIGHTS).get(shown.right.ndim, ())


def true(shown: Shown) -> Iterator[str]:
    """`dx is off by a factor of its own for each channel`."""
    if not shown.fits or shown.got.size < 2 or shown.got.dtype.kind != "f":
        return
    if not np.isfinite(shown.got).all() or not np.isfinite(shown.right).all():
        return
    names = axes_of(shown)
    for count in range(min(len(names), 2) + 1):
        for chosen in combinations(range(len(names)), count):
            others = tuple(axis for axis in range(len(names)) if axis not in chosen)
            if tells(shown.right.shape, others):
                each = " and ".join(f"each {names[axis]}" for axis in chosen)
                whose = f"of its own for {each}" if chosen else "that is the same everywhere"
                yield from off_by(shown, others, whose)
                yield from without_beta(shown, others, whose)


def tells(shape: tuple[int, ...], along: tuple[int, ...]) -> bool:
    """Whether two numbers or more have to agree, in an array of some."""
    return bool(along) and int(np.prod(shape)) > 1


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
    yield from both_off(shown, along, whose)


def without_beta(shown: Shown, along: tuple[int, ...], whose: str) -> Iterator[str]:
    """A factor once beta is taken off: the normalized values are too large or too small."""
    beta = shown.seen.question.inputs.get("beta")
    if beta is None or shown.name != "out":
        return
    if beta.shape != shown.right.shape[shown.right.ndim - beta.ndim :]:
        return
    wide = beta.astype(np.longdouble)
    bare = Shown(shown.seen, shown.name, shown.got - wide, shown.right - wide)
    if not bare.right.any():
        return
    factor, relative = factors(bare, along)
    slack = shown.bound.likely * np.maximum(1, np.abs(factor)) + np.abs(bare.right) * relative
    unit = shown.bound.unit * np.abs(wide)
    if bare.equals(factor * bare.right, Bound(slack + unit, slack + unit, shown.bound.unit)):
        yield f"{shown.name}, less beta, is off by a factor {whose}"


def both_off(shown: Shown, along: tuple[int, ...], whose: str) -> Iterator[str]:
    """A factor and a number, as where it is normalized by other statistics."""
    low, high = (pick(shown.right, along, how) for how in (np.argmin, np.argmax))
    span = high[1] - low[1]
    if not (span > 0).all():
        return
    factor = (at(shown.got, along, high[0]) - at(shown.got, along, low[0])) / span
    if not factor.any():
        return
    more = at(shown.got, along, low[0]) - factor * low[1]
    room = np.max(shown.bound.likely, axis=along, keepdims=True)
    slack = shown.bound.likely + 2 * room * (1 + np.abs(shown.right - low[1]) / span)
    expected = factor * shown.right + more
    bound = Bound(slack * np.maximum(1, np.abs(factor)), slack, shown.bound.unit)
    if shown.is_near(expected) and shown.equals(expected, bound):
        yield f"{shown.name} is off by a factor and a number {whose}"


def pick(values: Array, along: tuple[int, ...], how: Callable[..., Array]) -> tuple[Array, Array]:
    """Where along axes a value is least or largest, and that value."""
    moved = np.moveaxis(values, along, range(-len(along), 0))
    flat = moved.reshape(*moved.shape[: values.ndim - len(along)], -1)
    place = how(flat, axis=-1, keepdims=True)
    return place, at(values, along, place)


def at(values: Array, along: tuple[int, ...], place: Array) -> Array:
    """The values at places along axes, which stay with size 1."""
    moved = np.moveaxis(values, along, range(-len(along), 0))
    flat = moved.reshape(*moved.shape[: values.ndim - len(along)], -1)
    kept = [1 if axis in along else size for axis, size in enumerate(values.shape)]
    return np.take_along_axis(flat, place, axis=-1).reshape(kept).astype(np.longdouble)


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
