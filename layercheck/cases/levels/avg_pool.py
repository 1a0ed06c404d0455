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
)
