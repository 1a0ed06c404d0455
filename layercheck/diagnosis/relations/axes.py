"""Right numbers in another order or another shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations, permutations
from operator import itemgetter

import numpy as np

from layercheck.judging.bounds import Bound
from layercheck.reporting.numbers import joined
from oracles.oracle import Array

from .along import axes_of
from .shown import Shown

RANK = 20
RESHAPED = (
    "has the right numbers in their own order, but its shape is reversed: a reshape moves none of "
    "them, as a transpose does"
)
REVERSED = "is right, but transposed: its axes are in reverse order"
"""What may be true of an array of any number of axes; the second, where its shape is right,
only beside others of which it is true."""


def true(shown: Shown) -> Iterator[str]:
    """`dw is right with its axes in the order (1, 0)`, `dx is shifted by one row`."""
    right = shown.right
    if shown.got.size == 0:
        if right.size:
            yield f"{shown.name} is empty"
        return
    if shown.got.shape != right.shape:
        yield from other_shape(shown)
    elif right.size > 1:
        yield from same_shape(shown)


def moved(shown: Shown, values: Array, likely: Array) -> bool:
    """Whether the array is this one, with its bounds moved alike, and not what it should be."""
    if values.shape != shown.got.shape or (shown.fits and not shown.wrong.any()):
        return False
    return shown.equals(values, Bound(likely, likely, shown.bound.unit))


def both(shown: Shown, move: Callable[[Array], Array]) -> bool:
    """The same of a way to move elements."""
    return moved(shown, move(shown.right), move(shown.bound.likely))


def same_shape(shown: Shown) -> Iterator[str]:
    """Flipped, shifted, laid out by columns."""
    words = axes_of(shown)
    for count in (1, 2):
        for chosen in combinations(range(len(words)), count):
            if both(shown, partial(np.flip, axis=chosen)):
                along = " and ".join(words[axis] for axis in chosen)
                yield f"{shown.name} is right, but flipped along its {along} axis"
    for axis, word in enumerate(words):
        if any(both(shown, partial(np.roll, shift=step, axis=axis)) for step in (1, -1)):
            yield f"{shown.name} is right, but shifted by one along its {word} axis"
        if shown.right.shape[axis] > 1 and both(shown, partial(first_everywhere, axis=axis)):
            yield f"all of {shown.name} along its {word} axis is as the first should be"
    if both(shown, np.flip):
        yield f"{shown.name} has the right numbers, but the last one first"
    if len(words) > 2 and both(shown, columns_first):
        yield f"{shown.name} has the right numbers, but laid out in column-major order"
    if shown.wanted is not None and both(shown, np.transpose):
        yield f"{shown.name} {REVERSED}"


def columns_first(values: Array) -> Array:
    """Rows made an array of more axes in Fortran's order."""
    return values.reshape(len(values), -1).reshape(values.shape, order="F")


def first_everywhere(values: Array, axis: int) -> Array:
    """The first slice in place of every slice."""
    return np.broadcast_to(np.take(values, [0], axis), values.shape)


def other_shape(shown: Shown) -> Iterator[str]:
    """Axes of size 1, transposed, cut, larger, not summed."""
    got, right = shown.got, shown.right
    if got.size == right.size:
        yield from as_many(shown)
    if got.ndim == right.ndim:
        yield from one_for_another(shown)
        yield from cut_or_grown(shown)
    yield from not_summed(shown)


def as_many(shown: Shown) -> Iterator[str]:
    """All of the numbers, in their own order or in that of other axes; of axes of size 1 both may
    be true, and other cases tell which is."""
    got, right, name = shown.got, shown.right, shown.name
    for order in permutations(range(right.ndim)):
        if right.transpose(order).shape == got.shape and both(
            shown, partial(np.transpose, axes=order)
        ):
            yield f"{name} is right, but transposed: its axes are in the order {order}"
    if got.shape == right.shape[::-1] and both(shown, np.transpose):
        yield f"{name} {REVERSED}"
    if not both(shown, lambda v: v.reshape(got.shape)):
        return
    if [n for n in got.shape if n != 1] == [n for n in right.shape if n != 1]:
        yield f"{name} has the right numbers in another shape: axes of size 1 differ"
    if got.shape == right.shape[::-1]:
        yield f"{name} {RESHAPED}"
    yield f"{name} has the right numbers in another shape"


def one_for_another(shown: Shown) -> Iterator[str]:
    """An image as wide as it is high, or as high as it is wide, as far as its padding reaches."""
    got, right = shown.got.shape, shown.right.shape
    if len(right) != 4 or got[:2] != right[:2]:
        return
    padding = shown.names.get("padding", 0)
    room = padding if isinstance(padding, int) else 0
    (height, width), (rows, columns) = got[2:], right[2:]
    if height == rows and width == min(rows, columns + room):
        yield f"{shown.name} has as many columns as it should have rows: H is taken for W"
    if width == columns and height == min(columns, rows + room):
        yield f"{shown.name} has as many rows as it should have columns: W is taken for H"


def cut_or_grown(shown: Shown) -> Iterator[str]:
    """A part of what it should be, or that and something around it."""
    got, right, name = shown.got, shown.right, shown.name
    if got.size and all(g <= r for g, r in zip(got.shape, right.shape, strict=True)):
        first = tuple(slice(0, g) for g in got.shape)
        last = tuple(slice(r - g, r) for g, r in zip(got.shape, right.shape, strict=True))
        for place, words in ((first, "its end is missing"), (last, "its beginning is missing")):
            if both(shown, itemgetter(place)):
                yield f"{name} is right as far as it goes, but {words}"
    if all(g >= r for g, r in zip(got.shape, right.shape, strict=True)):
        inner = tuple(slice(0, r) for r in right.shape)
        part = Shown(shown.seen, name, got[inner], right)
        if not part.wrong.any():
            yield f"{name} begins right, but is larger than it should be"
    elif got.size:
        smaller = tuple(slice(0, min(g, r)) for g, r in zip(got.shape, right.shape, strict=True))
        wide = np.abs(got[smaller].astype(np.longdouble) - right[smaller]) <= shown.limit[smaller]
        if wide.all():
            yield f"{name} is right as far as it goes, but one side is too long, another too short"


def not_summed(shown: Shown) -> Iterator[str]:
    """What is right once some axes are summed, or the mean is taken."""
    got, right, name = shown.got, shown.right, shown.name
    for count in range(1, got.ndim + 1):
        for axes in combinations(range(got.ndim), count):
            for how, words in ((np.sum, "summed"), (np.mean, "averaged")):
                value = how(got.astype(np.longdouble), axis=axes)
                if value.shape == right.shape:
                    cast = value.astype(got.dtype)
                    if not Shown(shown.seen, name, cast, right).wrong.any():
                        yield f"{name} would be right {over(axes, words)}"


def over(axes: tuple[int, ...], words: str) -> str:
    """That axes of an array are too many: its own, which need not be those of dout."""
    if len(axes) == 1:
        return f"with its axis {axes[0]} {words} away: it has one too many"
    return f"with its axes {joined(map(str, axes))} {words} away: it has {len(axes)} too many"
