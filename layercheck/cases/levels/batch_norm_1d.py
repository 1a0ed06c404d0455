"""What the grids try of batch_norm_1d."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (3, 4, 8),
        "C": (5, 6, 7),
        "L": (None, 2, 9),  # None: x is (N, C)
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
        "L": (None,),
        "gamma": (True,),
        "beta": (True,),
        "unbiased_running_var": (False,),
    },
    size=200,
)
