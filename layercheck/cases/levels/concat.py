"""What the grids try of concat."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5, 6),
        "D": (1, 3, 5),
        "E": (2, 4, 7),
        "H": (1, 3, 7),
        "W": (2, 8, 9),
        "z": (True, False),
    },
    size=150,
    usual="""
    x=2x3x4x4 y=2x3x4x4
    x=2x3x4x4 y=2x3x4x4 z=2x3x4x4
    x=1x1x5x5 y=1x1x5x5
    x=5x9x2x2 y=5x2x2x2
    x=3x3x3x3 y=3x1x3x3 z=3x1x3x3
    x=2x3x4x4 y=2x2x4x4 fill=special
    x=2x3x4x3 y=2x4x4x3
    x=3x4x2x2 y=3x3x2x2
    x=2x3x4x4 y=2x0x4x4 dtype=float32
    x=2x3x4x4 y=2x2x4x4 z=2x0x4x4 dtype=float64
    x=2x0x3x5 y=2x2x3x5 dtype=float64
    x=2x3x2x5 y=2x4x2x5 dtype=float32 fill=times:1e+20
    x=2x3x2x2x4 y=2x2x2x2x4 dtype=float64
    """,
)
