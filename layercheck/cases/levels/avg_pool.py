"""What the grids try of avg_pool."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (2, 4, 5),
        "H": (5, 6, 9),
        "W": (4, 7, 8, 11),
        "kernel_size": (2, 3, (2, 3), (3, 2), (1, 3), (4, 2)),
        "stride": (None, 1, 2, (1, 2), (3, 2)),
        "padding": (0, 1, (0, 1), ((1, 0), (0, 1)), "valid", "same", "same_lower"),
        "ceil_mode": (False, True),
        "count_include_pad": (True, False),
        "divisor_override": (None, 3, 7),
    },
    plain={
        "stride": (1, 2, 3),
        "padding": (0,),
        "ceil_mode": (False,),
        "count_include_pad": (True,),
        "divisor_override": (None,),
    },
    valid=lambda v: v["N"] != v["C"],
    size=250,
    usual="""
    x=2x3x4x4 kernel_size=2 stride=2
    x=2x3x6x6 kernel_size=2 stride=2
    x=1x2x6x6 kernel_size=3 stride=3
    x=1x2x6x4 kernel_size=2 stride=2
    x=2x3x5x5 kernel_size=3 stride=2
    x=2x3x6x6 kernel_size=3 stride=1
    x=1x1x4x4 kernel_size=2 stride=2
    x=1x9x4x4 kernel_size=2 stride=2
    x=5x2x4x4 kernel_size=2 stride=2
    x=3x3x4x4 kernel_size=2 stride=2
    x=1x2x8x8 kernel_size=2 stride=3
    x=1x2x4x4 kernel_size=4 stride=1
    x=1x2x3x36 kernel_size=2 stride=2
    x=1x2x36x3 kernel_size=3 stride=3
    x=1x2x6x3 kernel_size=5,1 stride=1
    x=2x3x4x6 kernel_size=2,3 stride=2
    x=2x3x6x6 kernel_size=3 stride=2 padding=1
    x=2x3x6x6 kernel_size=3 stride=2 padding=1 count_include_pad=false
    x=2x3x5x5 kernel_size=2 padding=1
    x=2x3x5x5 kernel_size=3 padding=1 count_include_pad=false fill=ties
    x=2x3x7x7 kernel_size=4 stride=2 padding=2 count_include_pad=false
    x=2x3x7x7 kernel_size=3
    x=2x3x6x6 kernel_size=3 stride=2 ceil_mode=true
    x=2x3x7x7 kernel_size=2 stride=2 padding=1 ceil_mode=true
    x=2x3x7x7 kernel_size=2 stride=2 padding=1 ceil_mode=true count_include_pad=false
    x=2x3x5x5 kernel_size=3 stride=2 padding=same
    x=2x3x6x6 kernel_size=3 stride=1 divisor_override=2
    x=2x3x4x4 kernel_size=2 stride=2 divisor_override=-3
    x=2x3x6x6 kernel_size=3 stride=2 padding=same divisor_override=5
    x=1x1x3x40 kernel_size=3 stride=1
    x=1x1x40x3 kernel_size=2 stride=1
    x=1x4x7x7 kernel_size=7 stride=2 padding=3 count_include_pad=false
    x=1x2x6x6 kernel_size=3,2 stride=2
    x=2x1x3x4 kernel_size=1,4 stride=2
    x=2x1x3x4 kernel_size=3,1 stride=3
    x=2x2x7x5 kernel_size=3 stride=2
    x=2x2x5x7 kernel_size=1 stride=2
    x=1x1x3x4 kernel_size=3,4 stride=3
    x=1x2x4x8 kernel_size=1,2 stride=3
    x=2x2x3x4 kernel_size=2,1 stride=1
    x=1x2x5x8 kernel_size=2 stride=3
    x=2x2x5x8 kernel_size=2,6 stride=1
    x=2x2x8x5 kernel_size=6,2 stride=1
    x=1x2x3x4 kernel_size=1,2 stride=2
    x=1x2x4x3 kernel_size=2,1 stride=2
    x=1x1x18x19 kernel_size=17 stride=1 dtype=float64
    x=1x1x16x18 kernel_size=16,17 stride=1 dtype=float32
    x=1x1x16x17 kernel_size=16,17 stride=8 padding=8 count_include_pad=false dtype=float64
    x=2x2x4x6 kernel_size=2 stride=2 dtype=float32 fill=times:1e+20
    x=2x3x6x6 kernel_size=3 stride=2 padding=0:1,0:1 count_include_pad=false
    x=1x2x5x6 kernel_size=3 stride=2 padding=1:0,1:0
    x=1x2x3x4 kernel_size=2 stride=1 padding=1:0,0:0
    x=1x2x3x4 kernel_size=2 stride=1 padding=0:1,0:0
    x=1x2x3x4 kernel_size=2 stride=1 padding=0:0,1:0
    x=1x2x3x4 kernel_size=2 stride=1 padding=0:0,0:1
    """,
)
