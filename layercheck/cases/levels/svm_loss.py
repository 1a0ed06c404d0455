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
)
