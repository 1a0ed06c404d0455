"""What anybody's function does not tell apart: it may round what it gets, as float32 does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oracles.oracle import Array

from .slopes import UNIT, Function, outputs_at

WIDE = -4
"""Exponent of a width at which any function moves that is not flat, were it computed in
bfloat16."""

FINEST_GRAIN, GRAINS_WIDE = -30, 8
"""Exponent of the least share of an input that is tried for what f tells apart · how many grains
wide a difference has to be."""


def grain_of(f: Function, inputs: Sequence[Array], number: int, out: Array, along: Array) -> float:
    """By how much an input has to move until most outputs do, both ahead and behind, that move at a
    wide step; 0 where that is as little as double precision tells.

    along: how each element moves.
    """

    def moves(exponent: int) -> Array | None:
        """By how much, ahead or behind, whichever is less."""
        several = []
        for by in (2.0**exponent, -(2.0**exponent)):
            own = list(inputs)
            own[number] = own[number] + along * by
            several.append(own)
        made = outputs_at(f, several, out)
        return None if made is None else np.minimum(*(np.abs(one - out) for one in made))

    widest = moves(WIDE)
    if widest is None:
        return 0.0
    seen = widest * 2.0 ** (FINEST_GRAIN - WIDE) > 4 * UNIT * np.abs(out)
    if not seen.any():
        return 0.0
    for exponent in range(FINEST_GRAIN, WIDE):
        made = moves(exponent)
        if made is not None and (made[seen] > 0).mean() >= 0.5:
            return 0.0 if exponent == FINEST_GRAIN else 2.0**exponent * size_of(along)
    return 2.0**WIDE * size_of(along)


def size_of(along: Array) -> float:
    """The largest number of an array."""
    return float(np.abs(along).max(initial=0.0))
