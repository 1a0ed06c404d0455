"""What the grids try of flatten."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5, 6),
        "H": (1, 3, 7),
        "W": (2, 8, 9),
        "start_dim": (0, 1, 2),
        "channels_last": (False, True),
    },
    size=150,
)
