"""Right numbers in another order: axes taken for others, with or without a reshape between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from operator import itemgetter

import numpy as np

from oracles.oracle import Array

from .along import axes_of
from .axes import both
from .shown import Shown
from .spread import by_groups

RANK = 21
FEWEST = 4
"""How many unlike numbers tell that an order is another one."""

Move = Callable[[Array], Array]


def true(shown: Shown) -> Iterator[str]:
    """`dw is right, but with its axes in the order (1, 0)`, `out is right, but laid out as (sample,
    row, column, channel), then reshaped without a transpose`."""
    if not shown.fits or shown.right.size < 2:
        return
    for text, move in moves(shown):
        if shown.wants(text) and shown.is_near(move(shown.right)) and both(shown, move):
            yield text
    if is_reordered(shown):
        yield f"{shown.name} has the right numbers, but in another order"


def would_differ(shown: Shown, text: str) -> bool:
    """Whether an array of a case would be another one, were it as a sentence says."""
    named = (move for said, move in moves(shown) if said == text)
    return any(shown.would_fail_as(move(shown.right)) for move in named)


def moves(shown: Shown) -> Iterator[tuple[str, Move]]:
    """Every order of the axes, in words: transposed, where the sizes are alike; then what is laid
    out in that order and taken for what it should be, and the other way round. The reverse order
    is one of any number of axes."""
    shape, name = shown.right.shape, shown.name
    orders = list(permutations(range(len(shape))))[1:]
    for order in orders:
        if turned_shape(shape, order) == shape:
            text = f"{name} is right, but with its axes in the order {order}"
            yield text, lambda v, order=order: v.transpose(order)  # type: ignore[misc]
    told = [(order, f"as {laid_out(shown, order)}") for order in orders]
    told += [(order, "with its axes in reverse order") for order in orders[-1:]]
    for order, laid in told:
        yield (
            f"{name} is right, but laid out {laid}, then reshaped without a transpose",
            lambda v, order=order: v.transpose(order).reshape(v.shape),  # type: ignore[misc]
        )
        yield (
            f"{name} is right, but reshaped as if it were laid out {laid}",
            lambda v, order=order: v.reshape(turned_shape(v.shape, order)).transpose(  # type: ignore[misc]
                np.argsort(order)
            ),
        )
    for laid, places in by_groups(shown, len(shown.right)).items() if shape else ():
        yield f"{name} is right, but {laid}", itemgetter(places)


def turned_shape(shape: tuple[int, ...], order: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with its axes in another order."""
    return tuple(shape[axis] for axis in order)


def laid_out(shown: Shown, order: tuple[int, ...]) -> str:
    """`(sample, row, column, channel)`; of axes without a name their numbers."""
    words = axes_of(shown)
    return f"({', '.join(words[axis] for axis in order)})" if words else str(order)


def is_reordered(shown: Shown) -> bool:
    """Whether exactly the right numbers are there, most of them elsewhere; of a few anything may
    be."""
    got, right = shown.got.ravel(), shown.right.ravel()
    if len(np.unique(right)) < FEWEST or not np.isfinite(right).all() or not shown.wrong.any():
        return False
    return np.array_equal(np.sort(got), np.sort(right.astype(got.dtype)))
