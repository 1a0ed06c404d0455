"""What the grids try of layer_norm."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (2, 4, 5),
        "H": (1, 3, 6),
        "W": (4, 7, 8),
        "gamma": (True, False),
        "beta": (True, False),
        "normalized_dims": (1, 2, 3),
        "eps": (1e-5, 1e-3, 0.1),
    },
    plain={"gamma": (True,), "beta": (True,)},
    valid=lambda v: len({v["N"], v["C"], v["H"], v["W"]}) == 4,
    usual="""
    x=4x4 gamma=4 beta=4
    x=5x5 gamma=5 beta=5 eps=1e-08
    x=1x6 gamma=6 beta=6
    x=33x5 gamma=5 beta=5
    x=3x100 gamma=100 beta=100
    x=2x70 gamma=70 beta=70
    x=6x9 gamma=9 beta=9
    x=3x10 gamma=10 beta=10
    x=4x2 gamma=2 beta=2 eps=0.01
    x=4x6 gamma=6 beta=6 fill=constant_samples
    x=4x5 gamma=5 beta=5 fill=sparse_weights
    x=3x4 gamma=4 beta=4 fill=offset
    x=2x3x4 gamma=4 beta=4
    x=2x5x5 gamma=5 beta=5
    x=2x3x4x4 gamma=3x4x4 beta=3x4x4 normalized_dims=3
    x=2x3x5x5 gamma=5x5 beta=5x5 normalized_dims=2
    x=3x3x3x3 gamma=3 beta=3
    x=1x4x2x6 gamma=6 beta=6
    x=4x7 beta=7
    x=3x120 gamma=120 beta=120
    x=2x150 gamma=150 beta=150
    x=4x6 gamma=6 beta=6 fill=unit_weights
    x=4x6 gamma=6 beta=6 fill=unit_weights
    x=5x6 gamma=6 beta=6 fill=large
    x=4x5 gamma=5 beta=5 eps=0.0
    x=4x6 gamma=6 beta=6 fill=negative_weights
    x=4x6 gamma=6 beta=6 fill=small_variance
    x=4x6 gamma=6 beta=6 eps=0.0 dtype=float64
    x=4x6 gamma=6 beta=6 eps=0.0 dtype=float32
    x=4x6 gamma=6 beta=6 dtype=float64 fill=zero_weights:gamma
    x=4x6 gamma=6 beta=6 dtype=float32 fill=zero_weights:beta
    x=2x3x2x3x4 gamma=4 beta=4 dtype=float64
    x=2x3x2x3x4 gamma=2x3x4 beta=2x3x4 normalized_dims=3 dtype=float32
    """,
)
