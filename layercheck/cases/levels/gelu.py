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
    usual="""
    x=1x1x4x4
    x=5x5
    x=33x3
    x=9x11
    x=1x2
    x=41
    x=2x3x2x34
    x=4x4 fill=ties
    x=3x7 fill=integers
    x=8x9 fill=wide
    x=8x9 fill=wide
    x=6x10 fill=uniform
    x=4x4 approximate=tanh
    x=9x11 approximate=tanh fill=wide
    x=9x11 approximate=tanh fill=wide
    x=4x9 approximate=tanh fill=negative
    x=5x8 fill=small_variance
    x=4x9 fill=negative
    x=4x9 fill=negative
    """,
)
