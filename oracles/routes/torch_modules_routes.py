"""torch.nn's modules as they are made without further arguments: their defaults, in training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from .route import Array, Asked, function_for
from .torch_driver import Tensor, run, warm_up, weighed

NAMES = {"w": "weight", "b": "bias", "gamma": "weight", "beta": "bias"}


SCOPE = {"torch": torch, "nn": torch.nn, "np": np, "tensor": torch.tensor}


def versions() -> dict[str, str]:
    return {"torch": torch.__version__}


def called(module: Any, x: Tensor, **weights: Tensor) -> Tensor:
    """The module's output where its weights and statistics are these."""
    given = {NAMES.get(name, name): value for name, value in weights.items() if value is not None}
    return torch.func.functional_call(module, given, (x,))


def conv2d(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    groups = said.get("groups", 1)
    sizes = (w.shape[1] * groups, w.shape[0], tuple(w.shape[2:]))
    return called(torch.nn.Conv2d(*sizes, bias=b is not None, **said), x, w=w, b=b)


def conv2d_transpose(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    groups = said.get("groups", 1)
    sizes = (w.shape[0], w.shape[1] * groups, tuple(w.shape[2:]))
    return called(torch.nn.ConvTranspose2d(*sizes, bias=b is not None, **said), x, w=w, b=b)


def max_pool(x: Tensor, **said: Any) -> Any:
    out = torch.nn.MaxPool2d(**said)(x)
    return {"out": out[0], "indices": out[1]} if isinstance(out, tuple) else out


def avg_pool(x: Tensor, **said: Any) -> Tensor:
    return torch.nn.AvgPool2d(**said)(x)


def batch_norm(
    x: Tensor,
    gamma: Tensor = None,
    beta: Tensor = None,
    running_mean: Tensor = None,
    running_var: Tensor = None,
    training: bool = True,
    **said: Any,
) -> Any:
    kind = torch.nn.BatchNorm2d if x.dim() == 4 else torch.nn.BatchNorm1d
    tracks = running_mean is not None
    module = kind(x.shape[1], affine=gamma is not None, track_running_stats=tracks, **said)
    kept = {"running_mean": running_mean, "running_var": running_var} if tracks else {}
    kept = {name: value.clone() for name, value in kept.items()}
    if gamma is not None and beta is None:
        beta = torch.zeros_like(gamma)
    out = called(module.train(training), x, gamma=gamma, beta=beta, **kept)
    return {"out": out, **kept} if tracks and training else out


batch_norm_1d = batch_norm


def group_norm(x: Tensor, gamma: Tensor = None, beta: Tensor = None, **said: Any) -> Tensor:
    module = torch.nn.GroupNorm(num_channels=x.shape[1], affine=gamma is not None, **said)
    return called(module, x, gamma=gamma, beta=beta)


def instance_norm(x: Tensor, gamma: Tensor = None, beta: Tensor = None, **said: Any) -> Tensor:
    module = torch.nn.InstanceNorm2d(x.shape[1], affine=gamma is not None, **said)
    return called(module, x, gamma=gamma, beta=beta)


def layer_norm(
    x: Tensor, gamma: Tensor = None, beta: Tensor = None, normalized_dims: int = 1, **said: Any
) -> Tensor:
    module = torch.nn.LayerNorm(x.shape[-normalized_dims:], **said)
    return called(module, x, gamma=gamma, beta=beta)


def rms_norm(x: Tensor, gamma: Tensor = None, normalized_dims: int = 1, **said: Any) -> Tensor:
    return called(torch.nn.RMSNorm(x.shape[-normalized_dims:], **said), x, gamma=gamma)


def affine(x: Tensor, w: Tensor, b: Tensor = None) -> Tensor:
    module = torch.nn.Linear(w.shape[0], w.shape[1], bias=b is not None)
    return called(module, x.flatten(1), w=w.T, b=b)


def global_avg_pool(x: Tensor) -> Tensor:
    return torch.nn.AdaptiveAvgPool2d(1)(x)


def pad(x: Tensor, padding: Any, **said: Any) -> Tensor:
    (top, bottom), (left, right) = padding
    module = torch.nn.ConstantPad2d if said else torch.nn.ZeroPad2d
    return module((left, right, top, bottom), **said)(x)


def dropout(x: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    return torch.nn.Dropout(p).train(training)(x)


def relu(x: Tensor) -> Tensor:
    return torch.nn.ReLU()(x)


def sigmoid(x: Tensor) -> Tensor:
    return torch.nn.Sigmoid()(x)


def tanh(x: Tensor) -> Tensor:
    return torch.nn.Tanh()(x)


def log_softmax(x: Tensor, dim: int | None = None) -> Tensor:
    return torch.nn.LogSoftmax(dim)(x)


def softmax(x: Tensor, dim: int | None = None) -> Tensor:
    return torch.nn.Softmax(dim)(x)


def gelu(x: Tensor, **said: Any) -> Tensor:
    return torch.nn.GELU(**said)(x)


def leaky_relu(x: Tensor, **said: Any) -> Tensor:
    return torch.nn.LeakyReLU(**said)(x)


def silu(x: Tensor) -> Tensor:
    return torch.nn.SiLU()(x)


def elu(x: Tensor, **said: Any) -> Tensor:
    return torch.nn.ELU(**said)(x)


def interpolate(x: Tensor, **said: Any) -> Tensor:
    return torch.nn.Upsample(**said)(x)


def softplus(x: Tensor, **said: Any) -> Tensor:
    return torch.nn.Softplus(**said)(x)


def softmax_cross_entropy(x: Tensor, y: Tensor, **said: Any) -> Tensor:
    return torch.nn.CrossEntropyLoss(**said)(x, y)


def bce_with_logits(x: Tensor, y: Tensor, **said: Any) -> Tensor:
    return torch.nn.BCEWithLogitsLoss(**weighed(x, said))(x, y)


def soft_cross_entropy(x: Tensor, y: Tensor, weight: Tensor = None, **said: Any) -> Tensor:
    return torch.nn.CrossEntropyLoss(weight, **said)(x, y)


def svm_loss(x: Tensor, y: Tensor, **said: Any) -> Tensor:
    return torch.nn.MultiMarginLoss(**said)(x, y)


def flatten(x: Tensor, **said: Any) -> Tensor:
    return torch.nn.Flatten(**said)(x)


def answer(asked: Asked) -> Mapping[str, Array]:
    """In training, as a module is when it was made; gradients by autograd."""
    return run(asked, function_for(globals(), asked, "torch.nn"))


VARIANTS = dict[str, Any]()
WARM_UP = warm_up
ENVIRONMENT = {"": {"MALLOC_PERTURB_": "85", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}}
