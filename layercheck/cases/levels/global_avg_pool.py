"""What the grids try of global_avg_pool."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5, 7),
        "H": (1, 3, 6, 8),
        "W": (2, 5, 9, 11),
        "keepdims": (True, False),
    },
    size=150,
)
