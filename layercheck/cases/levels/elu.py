"""What the grids try of elu."""

from __future__ import annotations

from ..space import Space
from ..usual import ELEMENTWISE

SPACE = Space(
    levels={
        "N": (1, 2),
        "C": (4, 5),
        "H": (3, 4),
        "W": (5, 6),
        "alpha": (1.0, 0.5, 1.75, 0.1, -0.5),
    },
    # not `offset`: where all x are positive, x itself is right
    fills=("normal", "uniform", "integers", "ties", "negative", "small_variance", "wide"),
    plain={"alpha": (1.0,)},
    size=170,
    usual=ELEMENTWISE
    + """
    x=6x7 fill=negative_infinities
    x=4x4 alpha=0.5
    x=4x9 alpha=2.0 fill=wide
    x=4x9 alpha=0.5 fill=negative
    x=5x8 fill=small_variance
    x=4x9 fill=negative
    x=5x8 alpha=0.5 dtype=float32 fill=times:1e+20
    x=5x8 alpha=0.5 dtype=float64 fill=times:1e+30
    x=5x8 alpha=0.5 dtype=float32 fill=times:1e-25
    x=5x8 alpha=0.5 dtype=float64 fill=times:1e-30
    x=5x8 alpha=0.0 dtype=float32
    x=5x8 alpha=0.0 dtype=float64
    x=5x8 alpha=0.3 dtype=float64
    x=2x3x2x2x4 dtype=float32
    """,
)
