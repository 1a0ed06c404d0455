"""What the grids try of softmax."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (2, 3),
        "C": (5, 6),
        "H": (4, 7),
        "W": (8, 9),
        "dim": (-1, 0, 1, 2, -3),
    },
    size=180,
)
