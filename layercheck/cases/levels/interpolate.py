"""What the grids try of interpolate."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2),
        "C": (2, 3),
        "H": (2, 4, 5, 7),
        "W": (3, 6, 8),
        "size": ((4, 5), (8, 12), (3, 7), (9, 4), (2, 2), (5, 1), (13, 10)),
        "mode": ("bilinear", "nearest", "nearest-exact"),
        "align_corners": (False, True),
    },
    valid=lambda row: row["mode"] == "bilinear" or not row["align_corners"],
    # not `offset`: means of numbers alike are like them
    fills=("normal", "uniform", "integers", "ties", "negative", "small_variance", "wide"),
    plain={"mode": ("bilinear", "nearest"), "align_corners": (False,)},
    size=220,
    usual="""
    x=1x1x4x4 size=8
    x=1x1x4x4 size=8 mode=bilinear
    x=2x3x8x8 size=4
    x=2x3x8x8 size=4 mode=bilinear
    x=1x2x5x5 size=10 mode=bilinear align_corners=true
    x=1x2x3x3 size=7 mode=bilinear
    x=1x2x3x3 size=7
    x=1x2x7x7 size=3
    x=1x2x7x7 size=3 mode=nearest-exact
    x=1x1x1x2 size=3,2 mode=bilinear
    x=1x2x4x6 size=4,7 mode=bilinear
    x=1x2x6x4 size=1 mode=bilinear align_corners=true
    x=2x2x2x2 size=6,4 mode=nearest-exact
    x=1x1x9x3 size=5,11 mode=bilinear
    x=1x1x9x3 size=5,11 mode=bilinear align_corners=true
    x=3x1x4x5 size=12,10
    x=1x1x2x5 size=14 mode=bilinear fill=integers
    x=1x1x26x14 size=46,18 dtype=float64
    x=1x1x14x10 size=2,6 dtype=float32
    x=1x1x15x10 size=9,12 dtype=float64
    x=1x1x26x14 size=23,9 mode=nearest-exact dtype=float32
    x=1x1x2x10 size=49,3 mode=nearest-exact dtype=float64
    """,
)
