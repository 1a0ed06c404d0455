"""What the grids try of affine."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 4),
        "C": (2, 3),
        "H": (1, 4, 5),
        "W": (1, 3, 6),
        "M": (5, 7, 11),
        "b": (True, False),
    },
    valid=lambda v: len({v["N"], v["C"] * v["H"] * v["W"], v["M"]}) == 3,
    plain={"b": (True,)},
    size=160,
    usual="""
    x=4x6 w=6x6 b=6
    x=5x5 w=5x5 b=5
    x=1x8 w=8x5 b=5
    x=33x4 w=4x3 b=3
    x=2x40 w=40x2 b=2
    x=3x12 w=12x1 b=1
    x=4x1 w=1x5 b=5
    x=2x3x4x4 w=48x10 b=10
    x=3x2x5x3 w=30x4 b=4
    x=2x2x3 w=6x5 b=5
    x=8x18 w=18x20 b=20
    x=3x7 w=7x9
    x=4x6 w=6x5 b=5 fill=sparse_weights
    x=4x6 w=6x5 b=5 fill=negative
    x=6x4 w=4x6 b=6 fill=offset
    x=4x6 w=6x5 b=5 fill=large
    x=4x6 w=6x5 b=5 fill=large
    x=4x6 w=6x5 b=5 fill=unit_weights
    x=45x3 w=3x2 b=2
    x=4x6 w=6x5 b=5 fill=negative_weights
    x=4x6 w=6x5 b=5 dtype=float32 fill=zero_weights:b
    x=4x6 w=6x5 b=5 dtype=float64 fill=zero_weights:w
    x=2x3x2x1x2 w=12x5 b=5 dtype=float64
    """,
)
