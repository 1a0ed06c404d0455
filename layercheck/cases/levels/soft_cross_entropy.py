"""What the grids try of soft_cross_entropy."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (6, 9, 12),
        "C": (4, 5, 7, 10),
        "weight": (True, False),
        "reduction": ("mean", "sum", "none"),
        "label_smoothing": (0.0, 0.1, 0.375),
    },
    # not `small_variance`: without weights the loss is nearly log(C) then, whatever the scores
    fills=("normal", "uniform", "integers", "ties", "negative", "offset", "wide"),
    plain={"weight": (False,), "reduction": ("mean",), "label_smoothing": (0.0,)},
    size=220,
    usual="""
    x=1x3 y=1x3
    x=4x2 y=4x2
    x=5x5 y=5x5
    x=33x4 y=33x4
    x=3x40 y=3x40
    x=6x12 y=6x12 weight=12
    x=20x3 y=20x3 weight=3
    x=1x4 y=1x4 weight=4
    x=4x4 y=4x4 weight=4
    x=8x5 y=8x5 fill=offset
    x=8x5 y=8x5 fill=negative_offset
    x=8x5 y=8x5 fill=wide
    x=8x5 y=8x5 weight=5 fill=wide
    x=5x4 y=5x4 fill=far_rows
    x=5x3 y=5x3 reduction=none
    x=5x5 y=5x5 reduction=sum
    x=5x4 y=5x4 label_smoothing=1.0
    x=6x5 y=6x5 label_smoothing=0.05
    x=6x5 y=6x5 weight=5 label_smoothing=0.05 reduction=none
    x=45x3 y=45x3
    x=1x4 y=1x4 label_smoothing=0.1
    x=7x2 y=7x2 fill=apart
    x=8x4 y=8x4 fill=apart
    x=6x2 y=6x2 fill=apart
    x=1x2 y=1x2 fill=apart
    x=6x5 y=6x5 label_smoothing=0.1 dtype=float64
    x=6x5 y=6x5 weight=5 dtype=float64
    """,
)
