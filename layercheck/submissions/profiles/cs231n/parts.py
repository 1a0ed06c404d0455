"""The parts of the assignments: which functions a template asks for, and what they have to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..target import Takes

UNEVEN = (
    "(H + 2 * padding - KH) % stride != 0 or (W + 2 * padding - KW) % stride != 0",
    "(H - kernel_size_h) % stride != 0 or (W - kernel_size_w) % stride != 0",
)
"""Where windows do not fit evenly, which the course never asks for: convolution, pooling."""

UNDERFLOW = "spread > exp_range"
"""Where probabilities underflow: the course's own softmax_loss takes their logarithm."""


@dataclass(frozen=True)
class Contract:
    """Two functions of a template, what their signatures express, and what is not asked of them."""

    op: str
    forward: str
    backward: str
    takes: Takes = field(default_factory=Takes)
    beyond: tuple[str, ...] = ()


def batch_norm(op: str, forward: str, backward: str, sizes: int) -> Contract:
    """Running variances are biased, and the course asks for no backward in test mode."""
    takes = Takes(
        fixed={"unbiased_running_var": False},
        required=("gamma", "beta"),
        shapes={"x": (None,) * sizes},
        forward_only={"training": False},
    )
    return Contract(op, forward, backward, takes)


def loss(op: str, name: str, fixed: Mapping[str, Any], *beyond: str) -> Contract:
    """One function returns loss and gradient."""
    return Contract(op, name, name, Takes(fixed={"reduction": "mean", **fixed}), beyond)


AFFINE = Contract("affine", "affine_forward", "affine_backward", Takes(required=("b",)))
CONV = Contract(
    "conv2d",
    "conv_forward_naive",
    "conv_backward_naive",
    Takes(fixed={"dilation": 1, "groups": 1}, integer=("stride", "padding"), required=("b",)),
    UNEVEN[:1],
)
POOL = Contract(
    "max_pool",
    "max_pool_forward_naive",
    "max_pool_backward_naive",
    Takes(
        fixed={"padding": 0, "dilation": 1, "ceil_mode": False, "return_indices": False},
        integer=("stride",),
    ),
    UNEVEN[1:],
)

PARTS: tuple[tuple[Contract, ...], ...] = (
    (AFFINE, Contract("relu", "relu_forward", "relu_backward")),
    (
        loss(
            "softmax_cross_entropy",
            "softmax_loss",
            {"label_smoothing": 0.0, "ignore_index": -100},
            UNDERFLOW,
        ),
    ),
    (loss("svm_loss", "svm_loss", {"margin": 1.0}),),
    (
        batch_norm("batch_norm_1d", "batchnorm_forward", "batchnorm_backward", 2),
        batch_norm("batch_norm_1d", "batchnorm_forward", "batchnorm_backward_alt", 2),
    ),
    (
        Contract(
            "layer_norm",
            "layernorm_forward",
            "layernorm_backward",
            Takes(required=("gamma", "beta")),
        ),
    ),
    (Contract("dropout", "dropout_forward", "dropout_backward", Takes(absent=("mask",))),),
    (CONV, POOL),
    (batch_norm("batch_norm", "spatial_batchnorm_forward", "spatial_batchnorm_backward", 4),),
    (
        Contract(
            "group_norm",
            "spatial_groupnorm_forward",
            "spatial_groupnorm_backward",
            Takes(required=("gamma", "beta")),
        ),
    ),
)
"""Functions that a template asks for together: a file that has one of them should have them all."""
