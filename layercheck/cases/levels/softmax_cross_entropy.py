"""What the grids try of softmax_cross_entropy."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (6, 9, 12),
        "C": (4, 5, 7, 10),
        "reduction": ("mean", "sum", "none"),
        "label_smoothing": (0.0, 0.1, 0.375),
        "ignore_index": (-100, 0, 2),
    },
    # not `small_variance`: the loss is nearly log(C) then, whatever the scores
    fills=("normal", "uniform", "integers", "ties", "negative", "offset", "wide"),
    plain={"reduction": ("mean",), "label_smoothing": (0.0,), "ignore_index": (-100,)},
    size=220,
    usual="""
    x=1x3 y=1
    x=4x2 y=4
    x=5x5 y=5
    x=33x4 y=33
    x=3x40 y=3
    x=6x12 y=6
    x=9x10 y=9
    x=20x3 y=20
    x=8x5 y=8 fill=offset
    x=8x5 y=8 fill=negative_offset
    x=8x5 y=8 fill=wide
    x=8x5 y=8 fill=wide
    x=6x4 y=6 fill=ignored
    x=7x5 y=7 fill=ignored
    x=6x4 y=6 reduction=sum fill=ignored
    x=6x4 y=6 reduction=none fill=ignored
    x=5x4 y=5 label_smoothing=0.2 fill=ignored
    x=5x3 y=5 fill=all_ignored
    x=5x3 y=5 reduction=none
    x=5x5 y=5 reduction=sum
    x=5x4 y=5 label_smoothing=1.0
    x=6x5 y=6 label_smoothing=0.05
    x=6x5 y=6 ignore_index=1
    x=6x5 y=6 ignore_index=4 reduction=none
    x=4x3 y=4
    x=45x3 y=45
    x=1x4 y=1 label_smoothing=0.1
    x=6x4 y=6 fill=same_labels
    x=5x3 y=5 fill=same_labels
    x=5x4 y=5 fill=far_rows
    x=5x4 y=5 fill=far_rows
    x=7x2 y=7 fill=apart
    x=8x4 y=8 fill=apart
    x=6x2 y=6 fill=apart
    x=1x2 y=1 fill=apart
    x=1x2 y=1 fill=apart
    x=1x2 y=1 fill=apart
    x=1x2 y=1 fill=apart
    x=6x5 y=6 label_smoothing=0.1 dtype=float64
    x=9x3 y=9 ignore_index=0 dtype=float64
    """,
)
