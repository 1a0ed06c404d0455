"""What the grids try of silu."""

from __future__ import annotations

from ..space import Space
from ..usual import ELEMENTWISE

SPACE = Space(
    levels={"N": (1, 2), "C": (2, 3), "H": (3, 4), "W": (5, 6)},
    # not `offset`: at 1000 x itself is right
    fills=("normal", "uniform", "integers", "ties", "negative", "small_variance", "wide"),
    size=150,
    usual=ELEMENTWISE
    + """
    x=5x8 fill=small_variance
    x=4x9 fill=negative
    x=4x9 fill=negative
    x=5x8 dtype=float32 fill=times:1e-25
    x=5x8 dtype=float64 fill=times:1e-30
    x=2x3x2x2x4 dtype=float32
    """,
)
