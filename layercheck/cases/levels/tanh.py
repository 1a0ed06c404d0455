"""What the grids try of tanh."""

from __future__ import annotations

from ..space import Space
from ..usual import ELEMENTWISE

SPACE = Space(
    levels={"N": (1, 2, 3), "C": (4, 5), "H": (6, 8), "W": (7, 9)},
    # not `offset`: at 1000 the constant 1 is right, and zeros are its gradient
    fills=("normal", "uniform", "integers", "ties", "negative", "small_variance", "wide"),
    size=150,
    usual=ELEMENTWISE
    + """
    x=6x7 fill=infinities
    x=6x7 fill=negative_infinities
    x=5x8 fill=small_variance
    x=5x8 fill=small_variance
    x=4x9 fill=negative
    x=2x3x2x2x4 dtype=float32
    """,
)
