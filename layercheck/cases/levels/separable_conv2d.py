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
)
