"""What the grids try of instance_norm."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (5, 6, 7),
        "H": (1, 3, 4),
        "W": (2, 8, 9),
        "gamma": (True, False),
        "beta": (True, False),
        "eps": (1e-5, 1e-3, 0.1),
    },
    # of two positions one is +1 and the other -1: out says nothing of x, and dx is 0
    valid=lambda v: v["H"] * v["W"] > 2,
    size=200,
    usual="""
    x=2x3x4x4 gamma=3 beta=3
    x=2x1x4x4 gamma=1 beta=1
    x=1x9x3x3 gamma=9 beta=9
    x=5x2x3x3 gamma=2 beta=2
    x=3x3x3x3 gamma=3 beta=3 eps=1e-08
    x=2x4x6x2 gamma=4 beta=4
    x=2x4x2x6 gamma=4 beta=4 eps=0.01
    x=1x2x5x5 gamma=2 beta=2
    x=1x2x3x36 gamma=2 beta=2
    x=2x4x4x4 gamma=4 beta=4 fill=constant_channels
    x=2x3x4x4 gamma=3 beta=3 fill=sparse_weights
    x=2x3x4x4 fill=offset
    x=2x3x4x4 gamma=3 beta=3 fill=unit_weights
    x=2x4x3x4 gamma=4 beta=4 fill=unit_weights
    x=2x3x4x4 gamma=3 beta=3 fill=large
    x=2x3x4x4 gamma=3 beta=3 fill=negative_weights
    x=2x3x4x4 gamma=3 beta=3 fill=small_variance
    x=2x3x4x5 gamma=3 beta=3 eps=0.0 dtype=float64
    x=2x3x4x5 gamma=3 beta=3 eps=0.0 dtype=float32
    x=2x3x4x5 gamma=3 beta=3 dtype=float64 fill=zero_weights:gamma
    x=2x3x4x5 gamma=3 beta=3 dtype=float32 fill=zero_weights:beta
    """,
)
