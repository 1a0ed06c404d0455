"""Cases that nobody has seen: new values, and new shapes and attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.submissions.expressible import expressible

from .attributes import outputs

SMALL = 2
"""Up to which size those of a case are small."""


def fresh(
    layer: Layer, cases: Sequence[Case], seed: int, within: Callable[[Case], bool]
) -> Iterator[Case]:
    """As many cases as were given: some with new values, the rest drawn for the seed.

    within: whether a case lies within what the layer's assignment asks.
    """
    kept = list(kept_of(cases))
    few = len(cases) - len(kept)

    def ordinary(case: Case) -> bool:
        return within(case) and is_finite(case)

    drawn = expressible(layer.op, layer.takes, few, ordinary, seed, any_size=True)
    for case in [*kept, *drawn]:
        yield with_new_values(case, seed)


def kept_of(cases: Sequence[Case]) -> Iterator[Case]:
    """Every other case, and those that alone have a size of one or two: sizes that are drawn hardly
    ever are as small, and a function may be wrong for these alone."""
    seen = {use for case in cases[::2] for use in small_uses(case)}
    for number, case in enumerate(cases):
        uses = small_uses(case)
        if number % 2 == 0 or not uses <= seen:
            yield case
            seen |= uses


def small_uses(case: Case) -> set[tuple[str, int, str, bool]]:
    """The sizes of a case that are small, by themselves and with each mode and optional input."""
    modes = {n: value for n, value in case.all_attributes.items() if isinstance(value, bool)}
    uses = {"": True, **modes, **{name: name in case.shapes for name in case.spec.optional}}
    small = [(symbol, size) for symbol, size in case.sizes.items() if size <= SMALL]
    return {(*one, *use) for one in small for use in uses.items()}


def with_new_values(case: Case, seed: int) -> Case:
    """The case with values that nobody has seen."""
    return replace(case, seed=(seed * 1_000_003 + case.seed) % 2**31)


def is_finite(case: Case) -> bool:
    """Whether there is a result at all: no mean of nothing, no variance of one number."""
    return all(np.isfinite(value).all() for value in outputs(case, case.attributes).values())
