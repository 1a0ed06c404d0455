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
    usual="""
    x=2x3x4x4 gamma=3 beta=3 running_mean=3 running_var=3 unbiased_running_var=false
    x=2x3x4x4 gamma=3 beta=3 running_mean=3 running_var=3
    x=1x4x5x5 gamma=4 beta=4 running_mean=4 running_var=4 unbiased_running_var=false
    x=1x4x3x6 gamma=4 beta=4
    x=5x9x2x2 gamma=9 beta=9 running_mean=9 running_var=9 unbiased_running_var=false
    x=5x2x3x3 gamma=2 beta=2
    x=4x1x3x3 gamma=1 beta=1 running_mean=1 running_var=1 unbiased_running_var=false
    x=2x4x2x6 gamma=4 beta=4
    x=3x4x6x2 gamma=4 beta=4 momentum=0.5 unbiased_running_var=false running_mean=4 running_var=4
    x=3x3x3x3 gamma=3 beta=3 eps=1e-08
    x=2x4x4x4 gamma=4 beta=4 fill=constant_channels
    x=2x4x3x5 gamma=4 beta=4 running_mean=4 running_var=4 fill=constant_channels
    x=2x3x4x4 gamma=3 beta=3 fill=sparse_weights
    x=2x3x4x4 gamma=3 beta=3 running_mean=3 running_var=3 training=false
    x=3x4x5x2 gamma=4 beta=4 running_mean=4 running_var=4 training=false fill=zero_state
    x=1x9x3x3 gamma=9 beta=9 running_mean=9 running_var=9 training=false eps=0.001
    x=2x3x4x4 gamma=3 beta=3 running_mean=3 running_var=3 momentum=0.0
    x=2x3x4x4 gamma=3 beta=3 running_mean=3 running_var=3 momentum=0.25 eps=0.01
    x=2x3x4x4 beta=3 eps=1e-12
    x=2x3x4x5 gamma=3 beta=3 running_mean=3 running_var=3 momentum=0.5 unbiased_running_var=false
    x=2x3x4x4 gamma=3 beta=3 fill=unit_weights
    x=3x4x2x5 gamma=4 beta=4 running_mean=4 running_var=4 \
        unbiased_running_var=false fill=unit_weights
    x=2x3x4x5 gamma=3 beta=3 running_mean=3 running_var=3 training=false unbiased_running_var=false
    x=3x4x5x2 gamma=4 beta=4 running_mean=4 running_var=4 training=false \
        unbiased_running_var=false fill=zero_state
    x=2x3x4x4 gamma=3 beta=3 running_mean=3 running_var=3 unbiased_running_var=false fill=large
    x=1x3x4x5 gamma=3 beta=3 running_mean=3 running_var=3
    x=1x4x5x3
    x=3x3x4x4 eps=0.001
    x=2x3x4x4 gamma=3 beta=3 running_mean=3 running_var=3 \
        unbiased_running_var=false fill=negative_weights
    x=2x3x4x4 gamma=3 beta=3 running_mean=3 running_var=3 \
        unbiased_running_var=false fill=small_variance
    x=2x3x4x4 gamma=3 beta=3 running_mean=3 running_var=3 momentum=0.01 \
        unbiased_running_var=false
    x=3x4x2x5 gamma=4 beta=4 eps=0.0 dtype=float64
    x=3x4x2x5 gamma=4 beta=4 eps=0.0 dtype=float32
    x=3x4x2x5 gamma=4 beta=4 dtype=float64 fill=zero_weights:gamma
    x=3x4x2x5 gamma=4 beta=4 dtype=float32 fill=zero_weights:beta
    x=2x4x3x5 gamma=4 beta=4 running_mean=4 running_var=4 momentum=0.0 dtype=float64
    x=2x4x1x1 gamma=4 beta=4 running_mean=4 running_var=4 dtype=float64
    """,
)
