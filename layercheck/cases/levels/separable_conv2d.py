"""What the grids try of separable_conv2d."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (2, 3, 4),
        "M": (1, 2, 3),
        "one": (1,),
        "F": (2, 5, 7),
        "H": (5, 7, 9),
        "W": (4, 6, 8, 11),
        "KH": (1, 2, 3, 5),
        "KW": (1, 2, 3, 4),
        "b": (True, False),
        "stride": (1, 2, (1, 2), (2, 1), 3),
        "padding": (0, 1, (0, 1), (2, 1), ((1, 0), (0, 2)), "valid", "same", "same_lower"),
        "dilation": (1, 2, (1, 2), (2, 1)),
    },
    valid=lambda v: len({v["N"], v["C"], v["F"]}) == 3,
    size=250,
    usual="""
    x=2x3x6x6 w_depth=3x1x3x3 w_point=4x3x1x1 b=4 padding=1
    x=2x3x6x6 w_depth=6x1x3x3 w_point=4x6x1x1 b=4 padding=1
    x=1x4x6x6 w_depth=4x1x2x2 w_point=4x4x1x1 b=4 stride=2
    x=1x1x5x5 w_depth=2x1x3x3 w_point=1x2x1x1 b=1
    x=1x2x5x5 w_depth=2x1x5x5 w_point=3x2x1x1 b=3 padding=2
    x=1x9x4x4 w_depth=9x1x3x3 w_point=10x9x1x1 b=10 padding=1
    x=5x2x4x4 w_depth=4x1x2x2 w_point=3x4x1x1 b=3
    x=1x2x9x9 w_depth=4x1x3x3 w_point=3x4x1x1 b=3 dilation=3
    x=1x2x4x4 w_depth=2x1x3x3 w_point=3x2x1x1 b=3 padding=3
    x=1x3x4x4 w_depth=3x1x1x1 w_point=2x3x1x1 b=2
    x=1x2x4x4 w_depth=2x1x2x2 w_point=3x2x1x1 b=3 fill=negative_weights
    x=1x1x3x5 w_depth=1x1x1x3 w_point=2x1x1x1 b=2 stride=2
    x=1x1x5x3 w_depth=1x1x3x1 w_point=2x1x1x1 b=2 stride=2
    x=1x2x4x4 w_depth=2x1x2x2 w_point=3x2x1x1 b=3 dtype=float32 fill=zero_weights:w_depth
    x=1x2x4x4 w_depth=2x1x2x2 w_point=3x2x1x1 b=3 dtype=float64 fill=zero_weights:w_point
    x=1x2x4x4 w_depth=2x1x2x2 w_point=3x2x1x1 b=3 dtype=float32 fill=zero_weights:b
    x=1x2x6x5 w_depth=2x1x3x3 w_point=3x2x1x1 b=3 stride=2 padding=0:1,0:1
    x=1x2x3x4 w_depth=2x1x2x2 w_point=3x2x1x1 b=3 padding=1:0,0:0
    x=1x2x3x4 w_depth=2x1x2x2 w_point=3x2x1x1 b=3 padding=0:1,0:0
    x=1x2x3x4 w_depth=2x1x2x2 w_point=3x2x1x1 b=3 padding=0:0,1:0
    x=1x2x3x4 w_depth=2x1x2x2 w_point=3x2x1x1 b=3 padding=0:0,0:1
    """,
)
