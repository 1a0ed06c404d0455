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
    usual="""
    x=4x4 gamma=4 beta=4 running_mean=4 running_var=4 unbiased_running_var=false
    x=4x4 gamma=4 beta=4
    x=2x5 gamma=5 beta=5 running_mean=5 running_var=5 unbiased_running_var=false
    x=33x3 gamma=3 beta=3 running_mean=3 running_var=3 unbiased_running_var=false
    x=9x12 gamma=12 beta=12 running_mean=12 running_var=12 unbiased_running_var=false
    x=5x40 gamma=40 beta=40
    x=20x2 gamma=2 beta=2
    x=6x1 gamma=1 beta=1
    x=6x4 gamma=4 beta=4 running_mean=4 running_var=4 momentum=0.5 unbiased_running_var=false
    x=5x4 gamma=4 beta=4 momentum=0.25 eps=0.01 running_mean=4 running_var=4
    x=4x4 gamma=4 beta=4 eps=1e-08 unbiased_running_var=false
    x=5x4 gamma=4 beta=4 fill=constant_channels unbiased_running_var=false
    x=4x5 gamma=5 beta=5 running_mean=5 running_var=5 fill=constant_channels
    x=5x6 gamma=6 beta=6 fill=sparse_weights
    x=4x4 gamma=4 beta=4 running_mean=4 running_var=4 training=false
    x=1x5 gamma=5 beta=5 running_mean=5 running_var=5 training=false
    x=3x4 gamma=4 beta=4 running_mean=4 running_var=4 training=false fill=zero_state
    x=33x4 gamma=4 beta=4 running_mean=4 running_var=4 training=false eps=0.01
    x=3x4x4 gamma=4 beta=4
    x=2x9x3 gamma=9 beta=9 running_mean=9 running_var=9
    x=5x4 gamma=4 beta=4 running_mean=4 running_var=4 momentum=0.25 unbiased_running_var=false
    x=6x4 gamma=4 beta=4 fill=unit_weights
    x=5x3 gamma=3 beta=3 running_mean=3 running_var=3 unbiased_running_var=false fill=unit_weights
    x=3x4 gamma=4 beta=4 running_mean=4 running_var=4 training=false unbiased_running_var=false
    x=3x4 gamma=4 beta=4 running_mean=4 running_var=4 training=false \
        unbiased_running_var=false fill=zero_state
    x=6x4 gamma=4 beta=4 running_mean=4 running_var=4 unbiased_running_var=false fill=large
    x=33x4 gamma=4 beta=4
    x=33x4 gamma=4 beta=4
    x=6x1 gamma=1 beta=1 running_mean=1 running_var=1 unbiased_running_var=false
    x=6x4 gamma=4 beta=4 running_mean=4 running_var=4 \
        unbiased_running_var=false fill=negative_weights
    x=6x4 gamma=4 beta=4 running_mean=4 running_var=4 \
        unbiased_running_var=false fill=small_variance
    x=6x4 gamma=4 beta=4 running_mean=4 running_var=4 momentum=0.01 \
        unbiased_running_var=false
    x=6x4 gamma=4 beta=4 eps=0.0 dtype=float64
    x=6x4 gamma=4 beta=4 eps=0.0 dtype=float32
    x=6x4 gamma=4 beta=4 dtype=float64 fill=zero_weights:gamma
    x=6x4 gamma=4 beta=4 dtype=float32 fill=zero_weights:beta
    x=6x4 gamma=4 beta=4 running_mean=4 running_var=4 momentum=0.0 dtype=float32
    x=6x4 gamma=4 beta=4 running_mean=4 running_var=4 momentum=0.0 dtype=float64
    x=2x4 gamma=4 beta=4 running_mean=4 running_var=4 dtype=float64
    x=2x4 gamma=4 beta=4 running_mean=4 running_var=4 unbiased_running_var=false dtype=float64
    """,
)
