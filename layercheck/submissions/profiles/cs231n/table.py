"""Which session asks which op of the course."""

from __future__ import annotations

from collections.abc import Callable

from ..call import Call, Namespace, Session
from ..target import Target
from .dropping import dropout
from .sessions import (
    Affine,
    BatchNorm,
    Conv,
    GroupNorm,
    LayerNorm,
    Loss,
    MaxPool,
    Relu,
)

SESSIONS: dict[str, Callable[[Namespace, Call, Target], Session]] = {
    "affine": Affine,
    "relu": Relu,
    "softmax_cross_entropy": Loss,
    "svm_loss": Loss,
    "batch_norm_1d": BatchNorm,
    "batch_norm": BatchNorm,
    "layer_norm": LayerNorm,
    "dropout": dropout,
    "conv2d": Conv,
    "max_pool": MaxPool,
    "group_norm": GroupNorm,
}
