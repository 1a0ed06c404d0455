"""What the grids try of conv2d."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "c": (1, 2, 3),
        "f": (1, 2, 4),
        "H": (5, 7, 9),
        "W": (4, 6, 8, 11),
        "KH": (1, 2, 3, 5),
        "KW": (1, 2, 3, 4),
        "b": (True, False),
        "stride": (1, 2, (1, 2), (2, 1), 3),
        "padding": (0, 1, (0, 1), (2, 1), ((1, 0), (0, 2)), "valid", "same", "same_lower"),
        "dilation": (1, 2, (1, 2), (2, 1)),
        "groups": (1, 2, 3),
    },
    valid=lambda v: len({v["N"], v["groups"] * v["c"], v["groups"] * v["f"]}) == 3,
    plain={
        "c": (2, 3),
        "f": (2, 4),
        "H": (5, 7),
        "W": (4, 6, 8),
        "KH": (1, 2, 3),
        "b": (True,),
        "stride": (1, 2, 3),
        "padding": (0, 1, 2),
        "dilation": (1,),
        "groups": (1,),
    },
    size=640,
    usual="""
    x=2x3x6x6 w=4x3x3x3 b=4 padding=1
    x=2x3x6x6 w=4x3x3x3 b=4 padding=1
    x=2x3x8x8 w=4x3x3x3 b=4 stride=2 padding=1
    x=2x3x7x7 w=4x3x3x3 b=4 stride=2
    x=1x4x5x5 w=6x4x1x1 b=6
    x=2x3x6x8 w=4x3x1x1 b=4 stride=2
    x=2x3x6x6 w=4x3x5x5 b=4 padding=2
    x=1x2x9x9 w=3x2x7x7 b=3 stride=4 padding=3
    x=2x1x15x15 w=3x1x7x7 b=3 stride=4
    x=2x3x6x6 w=4x3x2x2 b=4 stride=2
    x=2x3x4x4 w=5x3x4x4 b=5
    x=1x2x4x5 w=3x2x4x5 b=3
    x=1x2x9x9 w=3x2x2x2 b=3 stride=4
    x=1x2x8x6 w=3x2x2x2 b=3 stride=3
    x=1x1x5x5 w=1x1x3x3 b=1
    x=2x4x5x5 w=4x4x3x3 b=4 padding=1
    x=3x3x4x4 w=3x3x3x3 b=3
    x=1x9x4x4 w=10x9x3x3 b=10 padding=1
    x=1x3x4x4 w=17x3x2x2 b=17
    x=5x2x4x4 w=3x2x2x2 b=3
    x=1x2x4x4 w=3x2x3x3 b=3 padding=3
    x=1x2x4x5 w=3x2x2x2 b=3 padding=3
    x=1x2x5x4 w=3x2x3x3 b=3 stride=2 padding=4
    x=1x2x4x37 w=3x2x3x3 b=3 padding=1
    x=1x2x37x4 w=3x2x3x3 b=3 padding=1
    x=1x3x12x4 w=2x3x3x3 b=2 padding=1
    x=2x3x3x9 w=4x3x3x3 b=4
    x=2x3x5x5 w=4x3x3x3 b=4 padding=1 fill=sparse_weights
    x=2x3x5x5 w=4x3x3x3 b=4 padding=1 fill=negative
    x=1x2x9x9 w=3x2x3x3 b=3 dilation=3
    x=1x2x8x8 w=3x2x2x2 b=3 padding=2 dilation=3
    x=2x3x7x7 w=4x3x3x3 b=4 padding=2 dilation=2
    x=2x4x5x5 w=4x1x3x3 b=4 padding=1 groups=4
    x=2x3x5x5 w=6x1x3x3 b=6 padding=1 groups=3
    x=1x6x4x4 w=6x3x3x3 b=6 padding=1 groups=2
    x=2x8x4x4 w=12x2x2x2 groups=4
    x=2x3x6x6 w=4x3x3x3 b=4 stride=2 padding=same
    x=2x3x7x7 w=4x3x4x4 b=4 padding=same
    x=2x3x6x6 w=4x3x3x3 stride=2 padding=1:0,1:0
    x=2x3x5x6 w=4x3x2x4 stride=1,2 padding=3,1
    x=1x2x8x5 w=3x2x2x2 b=3 stride=3
    x=1x2x5x8 w=3x2x2x2 b=3 stride=3
    x=2x3x5x5 w=4x3x3x3 b=4 padding=1 fill=unit_weights
    x=2x3x5x5 w=4x3x3x3 b=4 padding=1 fill=large
    x=2x3x6x6 w=4x3x3x2 b=4 padding=1
    x=2x3x6x6 w=4x3x2x3 b=4 stride=3,1
    x=3x2x4x5 w=4x2x1x1 b=4
    x=2x2x5x7 w=3x2x1x1 b=3 stride=2 padding=1
    x=2x3x7x5 w=4x3x3x3 b=4 stride=2
    x=2x2x5x9 w=3x2x3x3 b=3 stride=2 padding=1
    x=2x1x5x4 w=3x1x1x3 b=3 stride=3 padding=1
    x=1x2x6x3 w=3x2x4x3 b=3 stride=2
    x=1x1x3x5 w=3x1x3x2 b=3 stride=3
    x=1x2x4x3 w=3x2x2x1 b=3 stride=3 padding=2
    x=1x2x4x4 w=3x2x1x1 b=3 padding=2
    x=2x2x3x3 w=3x2x3x3 b=3 stride=3
    x=1x2x4x4 w=3x2x3x3 b=3 padding=1 fill=negative_weights
    x=1x1x3x5 w=2x1x1x3 b=2 stride=2
    x=1x1x5x3 w=2x1x3x1 b=2 stride=2
    x=2x3x4x5 w=4x3x3x2 b=4 padding=1 dtype=float32 fill=zero_weights:b
    x=2x3x4x5 w=4x3x3x2 b=4 padding=1 dtype=float64 fill=zero_weights:w
    x=2x3x6x6 w=4x3x3x3 b=4 stride=2 padding=0:1,0:1
    x=1x2x5x4 w=3x2x3x2 b=3 padding=1:2,0:1
    x=1x2x3x4 w=2x2x2x2 padding=1:0,0:0
    x=1x2x3x4 w=2x2x2x2 padding=0:1,0:0
    x=1x2x3x4 w=2x2x2x2 padding=0:0,1:0
    x=1x2x3x4 w=2x2x2x2 padding=0:0,0:1
    """,
)
