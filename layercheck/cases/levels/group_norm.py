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
)
