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
)
