"""What the grids try of global_avg_pool."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5, 7),
        "H": (1, 3, 6, 8),
        "W": (2, 5, 9, 11),
        "keepdims": (True, False),
    },
    size=150,
    usual="""
    x=2x3x4x4
    x=2x3x5x5
    x=1x1x6x6
    x=5x9x3x3
    x=1x2x3x40
    x=1x2x40x3
    x=2x2x7x7
    x=2x3x6x2
    x=2x3x4x4 keepdims=false
    x=1x2x3x33 keepdims=false
    x=3x2x4x5 keepdims=false
    x=1x2x16x17 dtype=float32
    """,
)
