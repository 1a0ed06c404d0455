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
)
