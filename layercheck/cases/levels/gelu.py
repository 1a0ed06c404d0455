"""What the grids try of gelu."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5),
        "H": (6, 8),
        "W": (7, 9),
        "approximate": ("none", "tanh"),
    },
    # not `offset`: at 1000 x itself is right
    fills=("normal", "uniform", "integers", "ties", "negative", "small_variance", "wide"),
    size=170,
)
