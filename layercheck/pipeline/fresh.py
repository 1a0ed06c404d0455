"""Cases that nobody has seen: new values, and new shapes and attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.submissions.expressible import expressible

from .attributes import outputs


def fresh(
    layer: Layer, cases: Sequence[Case], seed: int, within: Callable[[Case], bool]
) -> Iterator[Case]:
    """As many cases as were given: every other one with new values, the rest drawn for the seed.

    within: whether a case lies within what the layer's assignment asks.
    """
    kept = cases[::2]
    few = len(cases) - len(kept)

    def ordinary(case: Case) -> bool:
        return within(case) and is_finite(case)

    drawn = expressible(layer.op, layer.takes, few, ordinary, seed, any_size=True)
    for case in [*kept, *drawn]:
        yield with_new_values(case, seed)


def with_new_values(case: Case, seed: int) -> Case:
    """The case with values that nobody has seen."""
    return replace(case, seed=(seed * 1_000_003 + case.seed) % 2**31)


def is_finite(case: Case) -> bool:
    """Whether there is a result at all: no mean of nothing, no variance of one number."""
    return all(np.isfinite(value).all() for value in outputs(case, case.attributes).values())
