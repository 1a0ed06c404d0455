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
)
