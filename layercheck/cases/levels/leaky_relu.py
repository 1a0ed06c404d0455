"""What the grids try of leaky_relu."""

from __future__ import annotations

from ..space import Space
from ..usual import ELEMENTWISE

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
    usual=ELEMENTWISE
    + """
    x=6x7 negative_slope=0.2 fill=infinities
    x=5x6 negative_slope=0.0
    x=5x6 negative_slope=-0.25
    x=5x6 negative_slope=2.0 fill=ties
    x=2x4x3x3 negative_slope=0.1 fill=far_negative
    x=5x8 negative_slope=0.3 fill=small_variance
    x=3x3
    x=3x5 fill=negative
    x=3x3 fill=negative
    x=5x8 dtype=float32 fill=times:1e+20
    x=5x8 dtype=float64 fill=times:1e+30
    x=5x8 dtype=float32 fill=times:1e-25
    x=5x8 dtype=float64 fill=times:1e-30
    x=5x8 negative_slope=0.0 dtype=float64
    x=2x3x2x2x4 dtype=float32
    """,
)
