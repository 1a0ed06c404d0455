"""What the grids try of relu."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={"N": (1, 2, 3), "C": (4, 5), "H": (6, 8), "W": (7, 9)},
    # not `negative` and `offset`: where all x have one sign, zeros or x itself are right
    fills=("normal", "uniform", "integers", "ties", "small_variance", "wide"),
    size=150,
)
