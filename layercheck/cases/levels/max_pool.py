"""What the grids try of max_pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ref_layers.windows import windows

from ..space import Space


def is_within(row: Mapping[str, Any]) -> bool:
    """Whether the kernel lies within the padded image: the one that hangs over it in ceil_mode has
    tests of its own."""
    size, kernel, stride = (row["H"], row["W"]), row["kernel_size"], row["stride"]
    try:
        windows("max_pool", size, kernel, stride or kernel, row["padding"], row["dilation"])
    except ValueError:
        return False
    return True


SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (2, 4, 5),
        "H": (5, 6, 9),
        "W": (4, 7, 8, 11),
        "kernel_size": (2, 3, (2, 3), (3, 2), (1, 3), (4, 2)),
        "stride": (None, 1, 2, (1, 2), (3, 2)),
        "padding": (0, 1, (0, 1), ((1, 0), (0, 1)), "valid", "same", "same_lower"),
        "dilation": (1, 2, (1, 2), (2, 1)),
        "ceil_mode": (False, True),
        "return_indices": (False, True),
    },
    plain={
        "stride": (1, 2, 3),
        "padding": (0,),
        "dilation": (1,),
        "ceil_mode": (False,),
        "return_indices": (False,),
    },
    valid=lambda v: v["N"] != v["C"] and is_within(v),
    size=340,
    usual="""
    x=2x3x4x4 kernel_size=2 stride=2
    x=2x3x6x6 kernel_size=2 stride=2
    x=1x2x6x6 kernel_size=3 stride=3
    x=1x2x6x4 kernel_size=2 stride=2
    x=2x3x4x6 kernel_size=2 stride=2
    x=2x3x5x5 kernel_size=3 stride=2
    x=2x3x5x5 kernel_size=2 stride=1
    x=2x3x6x6 kernel_size=3 stride=1
    x=1x1x4x4 kernel_size=2 stride=2
    x=1x9x4x4 kernel_size=2 stride=2
    x=5x2x4x4 kernel_size=2 stride=2
    x=3x3x4x4 kernel_size=2 stride=2
    x=1x2x8x8 kernel_size=2 stride=3
    x=1x2x4x4 kernel_size=4 stride=1
    x=1x2x5x5 kernel_size=1 stride=2
    x=1x2x3x36 kernel_size=2 stride=2
    x=1x2x36x3 kernel_size=3 stride=3
    x=1x2x6x3 kernel_size=5,1 stride=1
    x=2x3x4x6 kernel_size=2,3 stride=2
    x=2x4x4x4 kernel_size=2 stride=2 fill=far_negative
    x=1x4x5x6 kernel_size=3 stride=1 fill=far_negative
    x=2x3x4x4 kernel_size=2 stride=2 fill=negative
    x=2x4x4x4 kernel_size=2 stride=2 fill=ties
    x=2x3x6x6 kernel_size=2 stride=2 fill=constant_channels
    x=2x3x4x4 kernel_size=2 stride=2 fill=negative_infinities
    x=2x3x4x6 kernel_size=2 stride=1 fill=infinities
    x=2x3x6x6 kernel_size=3 stride=2 padding=1
    x=1x4x6x6 kernel_size=3 stride=2 padding=1 fill=far_negative
    x=2x3x5x5 kernel_size=2 padding=1
    x=2x3x7x7 kernel_size=4 stride=2 padding=2
    x=2x3x7x7 kernel_size=3
    x=2x3x6x6 kernel_size=3 stride=2 ceil_mode=true
    x=2x3x7x7 kernel_size=2 stride=2 padding=1 ceil_mode=true
    x=2x3x7x7 kernel_size=3 stride=1 dilation=2
    x=2x3x9x9 kernel_size=3 stride=2 padding=1 dilation=2
    x=1x2x9x9 kernel_size=2 stride=1 dilation=3
    x=2x3x5x5 kernel_size=3 stride=2 padding=same
    x=2x3x6x6 kernel_size=2 stride=2 return_indices=true
    x=2x3x4x4 kernel_size=2 stride=1 padding=1 return_indices=true fill=ties
    x=1x1x3x40 kernel_size=3 stride=1
    x=1x1x40x3 kernel_size=2 stride=1
    x=1x4x7x7 kernel_size=7 stride=2 padding=3 fill=far_negative
    x=2x2x6x6 kernel_size=6 stride=1 padding=3 fill=negative
    x=1x2x6x6 kernel_size=3,2 stride=2
    x=2x3x7x7 kernel_size=3 stride=2 padding=1 dilation=2 fill=far_negative
    x=2x3x7x7 kernel_size=3 stride=1 padding=1 dilation=2 return_indices=true
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
    x=2x2x20x20 kernel_size=20 stride=20 dtype=float64
    x=1x1x16x18 kernel_size=16,17 stride=1 dtype=float32
    x=2x3x4x6 kernel_size=2 stride=2 dtype=float64 fill=near:1e+09
    x=2x3x5x5 kernel_size=2 stride=1 padding=1 dtype=float32 fill=near:-29999998
    x=2x3x5x5 kernel_size=2 stride=1 padding=1 dtype=float32 fill=times:1e+36
    x=2x3x5x5 kernel_size=2 stride=1 padding=1 dtype=float64 fill=times:1e+36
    x=2x3x6x6 kernel_size=3 stride=2 padding=0:1,0:1 fill=negative
    x=1x2x5x6 kernel_size=3 stride=2 padding=1:0,0:1 fill=negative
    x=1x2x3x4 kernel_size=2 stride=1 padding=1:0,0:0 fill=negative
    x=1x2x3x4 kernel_size=2 stride=1 padding=0:1,0:0 fill=negative
    x=1x2x3x4 kernel_size=2 stride=1 padding=0:0,1:0 fill=negative
    x=1x2x3x4 kernel_size=2 stride=1 padding=0:0,0:1 fill=negative
    """,
)
