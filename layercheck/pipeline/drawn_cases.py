"""What a dropout that draws its own masks is asked beyond the grid: many draws, and many times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.implementations.drawing import draws
from layercheck.implementations.layer import Layer

LARGE = (
    "dropout x=160x160 p=0.5 dtype=float64 fill=integers seed=1",
    "dropout x=8x8x8x12 p=0.95 dtype=float32 fill=integers seed=2",
    "dropout x=100x100 p=0.3 dtype=float64 fill=ties seed=3",
    "dropout x=60x60 p=0.05 dtype=float32 fill=integers seed=4",
)
"""Cases of many draws: at p = 0.5 a rate that is 0.03 off is seen in more than 99 of 100 runs."""

REPEATED = "dropout x=2x3x4x4 p=0.5 dtype=float64 fill=integers seed=5"
"""The case that is asked many times: do masks differ, is each element dropped at times?"""


def drawn_cases(layer: Layer) -> Iterator[Case]:
    """Further cases of a layer that draws its own masks; none of any other."""
    if layer.op == "dropout":
        cases = map(parse, (*LARGE, REPEATED))
        yield from (c for c in cases if draws(layer.implementation, c) and not layer.refuses(c))


def is_repeated(case: Case) -> bool:
    """Whether a case is asked many times, whatever its values are drawn from."""
    return replace(case, seed=0) == replace(parse(REPEATED), seed=0)
