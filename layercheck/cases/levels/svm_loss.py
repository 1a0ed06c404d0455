"""What the grids try of svm_loss."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (6, 9, 12),
        "C": (4, 5, 7, 10),
        # halves, so that float32 finds the same margins violated as exact arithmetic does
        "margin": (1.0, 0.5, 2.0),
        "reduction": ("mean", "sum", "none"),
    },
    # not `ties`: of so few whole numbers, another seed's loss is often the same; margins that are
    # met exactly come with `integers`
    fills=("normal", "uniform", "integers", "negative", "offset", "small_variance", "wide"),
    plain={"margin": (1.0,), "reduction": ("mean",)},
    size=180,
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
    x=8x5 y=8 fill=small_variance
    x=8x5 y=8 fill=integers
    x=5x4 y=5 margin=0.0
    x=6x4 y=6 margin=0.25
    x=5x3 y=5 reduction=none
    x=5x5 y=5 reduction=sum
    x=6x5 y=6 fill=large
    x=6x5 y=6 fill=large
    x=45x3 y=45
    x=6x4 y=6 fill=same_labels
    x=7x2 y=7 fill=apart
    x=8x4 y=8 fill=apart
    x=5x4 y=5 margin=0.0 dtype=float64
    x=5x4 y=5 margin=0.1 dtype=float64
    x=5x4 y=5 margin=-0.5 dtype=float64
    x=5x4 y=5 margin=-0.5 dtype=float32
    """,
)
