"""What the grids try of batch_norm."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (2, 3, 4),
        "C": (5, 6, 7),
        "H": (1, 3, 5),
        "W": (2, 4, 8),
        "gamma": (True, False),
        "beta": (True, False),
        "running_mean": (True, False),
        "running_var": (True, False),
        "training": (True, False),
        "momentum": (0.1, 0.01, 0.75, 1.0),
        "eps": (1e-5, 1e-3, 0.1),
        "unbiased_running_var": (True, False),
    },
    plain={
        "gamma": (True,),
        "beta": (True,),
        "unbiased_running_var": (False,),
    },
)
