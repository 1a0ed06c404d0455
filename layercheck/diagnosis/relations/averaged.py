"""Right, but for a mean or a sum along an axis, or within groups of channels, in each number's
place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from oracles.oracle import Array

from .along import axes_of
from .axes import both
from .shown import Shown

RANK = 22
HOW: dict[str, Callable[..., Array]] = {"averaged": np.mean, "summed": np.sum}
GROUPS = ("num_groups", "groups")
"""What ops call how many groups their channels make."""

Move = Callable[[Array], Array]


def true(shown: Shown) -> Iterator[str]:
    """`dgamma is what it should be, but averaged within each group of channels`."""
    if not shown.fits or shown.right.size < 2 or not np.isfinite(shown.right).all():
        return
    for text, move in moves(shown):
        if shown.wants(text) and shown.is_near(move(shown.right)) and both(shown, move):
            yield text


def would_differ(shown: Shown, text: str) -> bool:
    """Whether an array of a case would be another one, were it as a sentence says."""
    named = (move for said, move in moves(shown) if said == text)
    return any(shown.would_fail_as(move(shown.right)) for move in named)


def moves(shown: Shown) -> Iterator[tuple[str, Move]]:
    """What each number may be, in words; along axes of one place as well, which other cases tell
    from each other."""
    words = axes_of(shown)
    for how, of in HOW.items():
        told = f"{shown.name} is what it should be, but {how}"
        for axis, word in enumerate(words if len(words) > 1 else ()):
            yield f"{told} over its {word}s", along(of, axis)
        for groups, axis in in_groups(shown):
            yield f"{told} within each group of channels", within(of, axis, groups)
        yield f"{told} over all its numbers", along(of, tuple(range(shown.right.ndim)))


def in_groups(shown: Shown) -> Iterator[tuple[int, int]]:
    """How many groups there are, and of which axis."""
    groups, channels = groups_of(shown), shown.names.get("C")
    axis = 0 if shown.right.ndim == 1 else 1
    if groups and channels == shown.right.shape[axis] and channels % groups == 0:
        yield groups, axis


def groups_of(shown: Shown) -> int:
    """How many groups the channels make; 0 of an op that has none."""
    return next((int(shown.names[name]) for name in GROUPS if name in shown.names), 0)


def along(of: Callable[..., Array], axis: int | tuple[int, ...]) -> Move:
    """One number in place of all along axes."""
    return lambda v: np.broadcast_to(of(v, axis=axis, keepdims=True), v.shape)


def within(of: Callable[..., Array], axis: int, groups: int) -> Move:
    """One number in place of all channels of a group."""

    def moved(values: Array) -> Array:
        shape = values.shape
        split = values.reshape(*shape[:axis], groups, -1, *shape[axis + 1 :])
        one = of(split, axis=axis + 1, keepdims=True)
        return np.broadcast_to(one, split.shape).reshape(shape)

    return moved
