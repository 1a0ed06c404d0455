"""What the grids try of group_norm."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "c": (2, 3, 4),
        "H": (3, 5, 1),
        "W": (2, 4, 7),
        "gamma": (True, False),
        "beta": (True, False),
        "num_groups": (2, 3, 4, 5),
        "eps": (1e-5, 1e-3, 0.1),
    },
    plain={"gamma": (True,), "beta": (True,)},
    valid=lambda v: v["c"] != v["num_groups"] and v["c"] * v["num_groups"] >= 6,
    usual="""
    x=2x6x4x4 gamma=6 beta=6 num_groups=3
    x=2x6x4x4 gamma=6 beta=6 num_groups=2
    x=2x6x3x3 gamma=6 beta=6 num_groups=1
    x=2x6x3x5 gamma=6 beta=6 num_groups=6
    x=1x12x2x2 gamma=12 beta=12 num_groups=4
    x=5x4x2x3 gamma=4 beta=4 num_groups=2
    x=1x4x5x5 gamma=4 beta=4 num_groups=2
    x=2x9x3x3 gamma=9 beta=9 num_groups=3
    x=2x8x6x2 gamma=8 beta=8 num_groups=2
    x=2x8x2x6 gamma=8 beta=8 num_groups=4
    x=1x2x4x4 gamma=2 beta=2 num_groups=1
    x=2x10x1x1 gamma=10 beta=10 num_groups=2
    x=2x6x3x3 gamma=6 beta=6 num_groups=3 eps=1e-08
    x=2x6x3x3 gamma=6 beta=6 num_groups=2 eps=0.01
    x=2x4x4x4 gamma=4 beta=4 num_groups=4 fill=constant_channels
    x=4x6x2x2 gamma=6 beta=6 num_groups=3 fill=constant_samples
    x=2x6x3x3 gamma=6 beta=6 num_groups=3 fill=sparse_weights
    x=6x6x3x3 gamma=6 beta=6 num_groups=3
    x=2x6x3x3 gamma=6 beta=6 num_groups=3 fill=unit_weights
    x=2x6x3x4 gamma=6 beta=6 num_groups=2 fill=unit_weights
    x=2x6x3x3 gamma=6 beta=6 num_groups=2 fill=large
    x=2x6x3x3 num_groups=1
    x=2x4x3x5 num_groups=4
    x=2x6x3x4 gamma=6 num_groups=1
    x=2x4x3x3 beta=4 num_groups=4
    x=2x6x3x4 gamma=6 beta=6 num_groups=3 fill=negative_weights
    x=2x6x3x4 gamma=6 beta=6 num_groups=2 fill=small_variance
    x=2x6x3x4 gamma=6 beta=6 num_groups=3 eps=0.0 dtype=float64
    x=2x6x3x4 gamma=6 beta=6 num_groups=3 eps=0.0 dtype=float32
    x=2x6x3x4 gamma=6 beta=6 num_groups=3 dtype=float64 fill=zero_weights:gamma
    x=2x6x3x4 gamma=6 beta=6 num_groups=3 dtype=float32 fill=zero_weights:beta
    """,
)
