"""What the grids try of dropout."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5, 6),
        "H": (1, 3, 7),
        "W": (2, 8, 9),
        "mask": (True, False),
        # p = 0 and p = 1 give x or 0, trivial answers: tests/test_dropout.py
        "p": (0.5, 0.1, 0.25, 0.3, 0.8),
        "training": (True, False),  # False: x itself is right, and zeros are not
        "mask_seed": (0, 1, 12345),
    },
    plain={"mask": (False,)},
    size=150,
    usual="""
    x=4x4 p=0.5
    x=33x5 p=0.25
    x=1x40 p=0.75
    x=5x5 p=0.9
    x=8x20 p=0.95
    x=8x20 p=0.05
    x=6x6 p=0.5 training=false
    x=2x3x4x4 p=0.3
    x=2x3x4x4 p=0.5 mask_seed=7
    x=4x6 p=0.0
    x=4x6 p=0.6 mask_seed=3 fill=ties
    x=2x4x5x5 p=0.4 training=false
    x=4x6 mask=4x6 p=0.75
    x=5x6 p=0.7
    x=200x3 p=0.5
    x=3x4x5 p=0.65
    x=4x6 p=1.0 dtype=float32
    x=4x6 mask=4x6 p=1.0 dtype=float64
    x=4x6 p=1.0 dtype=float64
    x=4x6 p=0.0 dtype=float64
    x=4x6 p=0.3 dtype=float64
    x=4x6 p=0.5 dtype=float32 fill=times:1e+20
    x=2x3x2x2x4 p=0.5 dtype=float64
    """,
)
