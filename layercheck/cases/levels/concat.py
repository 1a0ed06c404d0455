"""What the grids try of concat."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5, 6),
        "D": (1, 3, 5),
        "E": (2, 4, 7),
        "H": (1, 3, 7),
        "W": (2, 8, 9),
        "z": (True, False),
    },
    size=150,
)
