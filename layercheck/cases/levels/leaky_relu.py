"""What the grids try of leaky_relu."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5),
        "H": (6, 8),
        "W": (7, 9),
        "negative_slope": (0.01, 0.2, 0.25, 1.5, -0.5),
    },
    # not `offset`: where all x are positive, x itself is right
    fills=("normal", "uniform", "integers", "ties", "negative", "small_variance", "wide"),
    size=160,
)
