"""What the grids try of relu."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={"N": (1, 2, 3), "C": (4, 5), "H": (6, 8), "W": (7, 9)},
    # not `negative` and `offset`: where all x have one sign, zeros or x itself are right
    fills=("normal", "uniform", "integers", "ties", "small_variance", "wide"),
    size=150,
    usual="""
    x=1x1x4x4
    x=5x5
    x=33x3
    x=9x11
    x=1x2
    x=41
    x=2x3x2x34
    x=4x4 fill=ties
    x=3x7 fill=integers
    x=8x9 fill=wide
    x=8x9 fill=wide
    x=6x10 fill=uniform
    x=6x7 fill=infinities
    x=5x8 fill=small_variance
    x=3x3
    x=3x5 fill=negative
    """,
)
