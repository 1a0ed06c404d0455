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
)
