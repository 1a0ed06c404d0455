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
)
