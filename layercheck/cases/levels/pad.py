"""What the grids try of pad."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5, 6),
        "H": (1, 3, 7),
        "W": (2, 8, 9),
        "padding": (1, 3, (0, 1), (2, 1), ((1, 0), (0, 2)), ((0, 3), (2, 1)), ((2, 0), (3, 0))),
        "value": (0.0, 1.5, -2.25, 0.1),
    },
    size=150,
    usual="""
    x=2x3x4x4 padding=1
    x=1x1x5x5 padding=2
    x=5x9x3x3 padding=1
    x=3x3x3x3 padding=3 value=-1.0
    x=2x3x4x4 padding=4 value=0.5
    x=2x3x2x33 padding=1,0
    x=2x3x4x4 padding=0:2,1:0 value=-0.25
    x=2x3x4x4 padding=1 fill=special
    x=2x3x4x4 padding=1 value=-inf dtype=float32
    x=2x3x4x5 padding=1 value=0.1 dtype=float64
    x=2x3x4x5 padding=1 dtype=float32 fill=times:1e+20
    x=2x3x4x5 padding=0 dtype=float64
    x=1x2x3x4 padding=0:1,0:2
    x=1x2x3x4 padding=0:2,0:0
    x=1x2x4x3 padding=0:0,0:3
    x=1x2x3x4 padding=1:0,0:0
    x=1x2x4x3 padding=0:0,2:0
    x=1x2x3x4 padding=1:2,0:0
    x=1x2x4x3 padding=0:0,1:2
    x=1x2x3x4 padding=1:2,0:1
    x=1x2x3x4 padding=1:2,3:0
    x=1x2x3x4 padding=0:1,2:3
    x=1x2x4x3 padding=2:0,1:3
    """,
)
