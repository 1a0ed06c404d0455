"""What the grids try of bce_with_logits."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (2, 3, 5),
        "C": (4, 6, 7),
        "H": (None, 2),
        "W": (None, 3),
        "reduction": ("mean", "sum", "none"),
        "pos_weight": (1.0, 0.25, 3.0),
    },
    fills=("normal", "uniform", "integers", "ties", "negative", "small_variance", "wide"),
    valid=lambda row: (row["H"] is None) == (row["W"] is None),
    plain={"H": (None,), "W": (None,), "reduction": ("mean",), "pos_weight": (1.0,)},
    size=200,
    usual="""
    x=5x5 y=5x5
    x=6 y=6
    x=1x3 y=1x3
    x=33x2 y=33x2
    x=2x40 y=2x40
    x=2x3x4 y=2x3x4
    x=2x1x5x3 y=2x1x5x3 reduction=sum
    x=6x5 y=6x5 fill=large
    x=6x5 y=6x5 fill=negative_offset
    x=6x5 y=6x5 fill=offset
    x=6x5 y=6x5 reduction=none fill=wide
    x=6x5 y=6x5 reduction=none pos_weight=2.0
    x=4x6 y=4x6 pos_weight=0.5
    x=3x7 y=3x7 pos_weight=5.0 reduction=sum
    x=4x7 y=4x7 reduction=none fill=integers
    x=5x6 y=5x6 fill=ties
    x=6x5 y=6x5 fill=apart
    x=6x5 y=6x5 reduction=none dtype=float32 fill=apart
    x=6x5 y=6x5 reduction=none dtype=float64 fill=times:50
    x=6x5 y=6x5 pos_weight=0.0 dtype=float32
    x=6x5 y=6x5 pos_weight=0.0 dtype=float64
    x=6x5 y=6x5 pos_weight=0.3 dtype=float64
    x=6x5 y=6x5 dtype=float64
    x=2x3x2x2x4 y=2x3x2x2x4 dtype=float64
    """,
)
