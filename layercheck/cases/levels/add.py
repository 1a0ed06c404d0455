"""What the grids try of add."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={"N": (1, 2, 3), "C": (4, 5, 6), "H": (1, 3, 7), "W": (2, 8, 9)},
    size=150,
    usual="""
    x=2x3x4x4 y=2x3x4x4
    x=1x1x5x5 y=1x1x5x5
    x=5x9x3x3 y=5x9x3x3
    x=4x4 y=4x4
    x=33x3 y=33x3
    x=7 y=7
    x=2x2x1x34 y=2x2x1x34
    x=3x4x5 y=3x4x5 dtype=float32 fill=times:1e+20
    x=3x4x5 y=3x4x5 dtype=float64 fill=times:1e+30
    x=3x4x5 y=3x4x5 dtype=float32 fill=times:1e-25
    x=3x4x5 y=3x4x5 dtype=float64 fill=times:1e-30
    x=2x3x2x2x4 y=2x3x2x2x4 dtype=float64
    """,
)
