"""What the grids try of flatten."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5, 6),
        "H": (1, 3, 7),
        "W": (2, 8, 9),
        "start_dim": (0, 1, 2),
        "channels_last": (False, True),
    },
    size=150,
    usual="""
    x=2x3x4x4
    x=1x1x5x5
    x=4x6
    x=3x3x3x3
    x=5x9x2x2
    x=2x4x4x4 start_dim=2
    x=2x3x4x4 channels_last=true
    x=2x3x2x5 channels_last=true
    x=2x3x4x5 start_dim=0
    x=2x3x4x4 fill=special
    x=2x3x4x5 dtype=float32 fill=times:1e+20
    x=2x3x2x2x4 dtype=float64
    x=2x3x2x2x4 start_dim=3 dtype=float32
    """,
)
