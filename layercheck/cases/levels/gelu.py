"""What the grids try of gelu."""

from __future__ import annotations

from ..space import Space
from ..usual import ELEMENTWISE

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
    usual=ELEMENTWISE
    + """
    x=4x4 approximate=tanh
    x=9x11 approximate=tanh fill=wide
    x=9x11 approximate=tanh fill=wide
    x=4x9 approximate=tanh fill=negative
    x=5x8 fill=small_variance
    x=4x9 fill=negative
    x=4x9 fill=negative
    x=5x8 dtype=float32 fill=times:1e+12
    x=5x8 dtype=float64 fill=times:1e+30
    x=5x8 dtype=float32 fill=times:1e-25
    x=5x8 dtype=float64 fill=times:1e-30
    x=5x8 approximate=tanh dtype=float32 fill=times:1e-25
    x=5x8 approximate=tanh dtype=float64 fill=times:1e-30
    x=2x3x2x2x4 dtype=float32
    """,
)
