"""What the grids try of softmax."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (2, 3),
        "C": (5, 6),
        "H": (4, 7),
        "W": (8, 9),
        "dim": (-1, 0, 1, 2, -3),
    },
    size=180,
    usual="""
    x=5x5
    x=6x10
    x=4x2
    x=2x40
    x=2x45
    x=1x6
    x=33x3
    x=9x12
    x=6x7 fill=offset
    x=6x7 fill=offset
    x=6x7 fill=negative_offset
    x=6x7 fill=negative_offset
    x=6x7 fill=wide
    x=6x7 fill=wide
    x=4x8 fill=negative_infinities
    x=5x6 fill=ties
    x=4x5 dim=0
    x=3x4x5 dim=1
    x=2x3x4x4 dim=1
    x=2x3x4x4 dim=1 fill=offset
    x=2x3x4x4
    x=2x4x3x5 dim=-2
    x=4x3
    x=4x4 dim=0
    x=5x4 fill=far_rows
    x=5x4 fill=far_rows
    x=6x2 fill=apart
    x=5x4 fill=apart
    x=2x3x2x4x5 dtype=float64
    x=2x3x2x4x5 dim=1 dtype=float32
    x=2x3x2x4x5 dim=4 dtype=float64
    x=7 dtype=float32
    """,
)
