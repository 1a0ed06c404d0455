"""What the grids try of softplus."""

from __future__ import annotations

from ..space import Space
from ..usual import ELEMENTWISE

SPACE = Space(
    levels={
        "N": (1, 2),
        "C": (2, 3),
        "H": (3, 4),
        "W": (5, 6),
        "beta": (1.0, 0.5, 2.0, 3.25),
        "threshold": (20.0, None, 1.5),
    },
    # not `offset`: at 1000 x itself is right
    fills=("normal", "uniform", "integers", "ties", "negative", "small_variance", "wide"),
    plain={"beta": (1.0,), "threshold": (20.0, None)},
    size=170,
    usual=ELEMENTWISE
    + """
    x=6x7 fill=negative_infinities
    x=4x4 beta=0.5
    x=4x9 beta=2.0 fill=wide
    x=4x9 threshold=none fill=wide
    x=4x9 threshold=0.5
    x=5x8 fill=small_variance
    x=4x9 fill=negative
    x=5x8 dtype=float32 fill=times:1e+20
    x=5x8 dtype=float64 fill=times:1e+30
    x=5x8 threshold=0.0 dtype=float32
    x=5x8 threshold=0.0 dtype=float64
    x=5x8 beta=0.3 dtype=float64
    x=5x8 threshold=0.7 dtype=float64
    x=2x3x2x2x4 dtype=float32
    """,
)
