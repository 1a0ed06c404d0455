"""Batch normalization of vectors, (N, C), and of sequences, (N, C, L)."""

from __future__ import annotations

from typing import Any

from .arrays import require
from .batch_norm import Cache, batch_norm, batch_norm_backward
from .op import Array, Op, Tensor


def batch_norm_1d(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    *,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
    unbiased_running_var: bool = True,
) -> tuple[Any, Cache]:
    """batch_norm of x with at most one position axis: statistics over samples and positions.

    x: (N, C) or (N, C, L); everything else as in batch_norm.

    Raises ValueError as batch_norm does, and for other ranks of x.
    Source: Ioffe and Szegedy, Batch Normalization, 2015, algorithm 1; torch.nn.BatchNorm1d.

    >>> import numpy as np
    >>> batch_norm_1d(np.array([[1.0, 10.0], [3.0, 30.0]]), eps=0.0)[0]
    array([[-1., -1.],
           [ 1.,  1.]])
    """
    require("batch_norm_1d x", x.ndim in (2, 3), x.shape, "(N, C) or (N, C, L)")
    return batch_norm(
        x,
        gamma,
        beta,
        running_mean,
        running_var,
        training=training,
        momentum=momentum,
        eps=eps,
        unbiased_running_var=unbiased_running_var,
    )


def batch_norm_1d_backward(dout: Array, cache: Cache) -> tuple[Array, Array | None, Array | None]:
    """dout: as x -> dx: as x, dgamma: (C,) or None, dbeta: (C,) or None."""
    return batch_norm_backward(dout, cache)


OP = Op(
    forward=batch_norm_1d,
    backward=batch_norm_1d_backward,
    inputs={
        "x": Tensor("N C L"),
        "gamma": Tensor("C", draw="weight", optional=True),
        "beta": Tensor("C", draw="weight", optional=True),
        "running_mean": Tensor("C", draw="state", optional=True, differentiable=False),
        "running_var": Tensor("C", draw="positive", optional=True, differentiable=False),
    },
    outputs=("out", "running_mean", "running_var"),
    conventions={"unbiased_running_var": (True, False)},
)
