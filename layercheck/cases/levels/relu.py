"""What the grids try of relu."""

from __future__ import annotations

from ..space import Space
from ..usual import ELEMENTWISE

SPACE = Space(
    levels={"N": (1, 2, 3), "C": (4, 5), "H": (6, 8), "W": (7, 9)},
    # not `negative` and `offset`: where all x have one sign, zeros or x itself are right
    fills=("normal", "uniform", "integers", "ties", "small_variance", "wide"),
    size=150,
    usual=ELEMENTWISE
    + """
    x=6x7 fill=infinities
    x=5x8 fill=small_variance
    x=3x3
    x=5x8 dtype=float32 fill=times:1e+20
    x=5x8 dtype=float64 fill=times:1e+30
    x=5x8 dtype=float32 fill=times:1e-25
    x=5x8 dtype=float64 fill=times:1e-30
    x=2x3x2x2x4 dtype=float32
    """,
)
