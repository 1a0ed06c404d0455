"""Nets in torch: torch.nn.functional, autograd and torch.optim.SGD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
Array = npt.NDArray[Any]
Tensor = Any  # torch.Tensor; its own stubs are left out of the type check
Tensors = Mapping[str, Tensor]


def versions() -> dict[str, str]:
    return {"torch": torch.__version__}


class Trainer:
    """A net in training.

    net, config: its name and arguments · arrays: parameters, and running statistics if it has
    any · learning_rate, momentum: of torch.optim.SGD.
    """

    def __init__(
        self,
        net: str,
        config: Mapping[str, Any],
        parameters: Mapping[str, Array],
        state: Mapping[str, Array],
        learning_rate: float,
        momentum: float,
    ) -> None:
        self.scores, self.config = globals()[net], config
        self.parameters = {n: torch.tensor(v, requires_grad=True) for n, v in parameters.items()}
        self.state = {name: torch.tensor(value) for name, value in state.items()}
        self.optimizer = torch.optim.SGD(
            list(self.parameters.values()), learning_rate, momentum=momentum
        )

    def step(self, x: Array, y: Array, masks: Mapping[str, Array]) -> dict[str, Array]:
        """Loss, gradients, parameters after the step and running statistics, by name."""
        self.optimizer.zero_grad()
        p = self.parameters
        extra = {**self.state, **{name: torch.tensor(mask) for name, mask in masks.items()}}
        loss = F.cross_entropy(self.scores(p, torch.tensor(x), extra, self.config), torch.tensor(y))
        reg = self.config.get("reg", 0)
        if reg:
            loss = loss + 0.5 * reg * sum(w.square().sum() for n, w in p.items() if n[0] == "W")
        loss.backward()
        gradients = {f"d{name}": w.grad.numpy().copy() for name, w in p.items()}
        self.optimizer.step()
        after = {name: w.detach().numpy().copy() for name, w in p.items()}
        state = {name: value.numpy().copy() for name, value in self.state.items()}
        return {"loss": loss.detach().numpy(), **gradients, **after, **state}


def linear(p: Tensors, h: Tensor, number: int) -> Tensor:
    return F.linear(h.flatten(1), p[f"W{number}"].T, p[f"b{number}"])


def norm(p: Tensors, extra: Tensors, h: Tensor, number: int) -> Tensor:
    """Batch norm in training; the running statistics in `extra` are updated in place."""
    running = extra[f"running_mean{number}"], extra[f"running_var{number}"]
    return F.batch_norm(h, *running, p[f"gamma{number}"], p[f"beta{number}"], training=True)


def two_layer_net(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    return linear(p, F.relu(linear(p, x, 1)), 2)


def three_layer_conv_net(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    h = F.max_pool2d(F.relu(F.conv2d(x, p["W1"], p["b1"], padding="same")), 2)
    return linear(p, F.relu(linear(p, h, 2)), 3)


def small_cnn(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    return linear(p, F.max_pool2d(F.conv2d(x, p["W1"], p["b1"]), 2), 2)


def lenet5(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    first, second = config.get("paddings", (2, 0))
    h = F.max_pool2d(F.relu(F.conv2d(x, p["W1"], p["b1"], padding=first)), 2)
    h = F.max_pool2d(F.relu(F.conv2d(h, p["W2"], p["b2"], padding=second)), 2)
    return linear(p, F.relu(linear(p, F.relu(linear(p, h, 3)), 4)), 5)


def residual_block(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    stride = config.get("stride", 1)
    h = F.relu(norm(p, extra, F.conv2d(x, p["W1"], stride=stride, padding=1), 1))
    h = norm(p, extra, F.conv2d(h, p["W2"], padding=1), 2)
    direct = norm(p, extra, F.conv2d(x, p["W3"], stride=stride), 3)
    return linear(p, F.adaptive_avg_pool2d(F.relu(h + direct), 1), 4)


def inception_block(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    def conv(h: Tensor, number: int) -> Tensor:
        return F.relu(F.conv2d(h, p[f"W{number}"], p[f"b{number}"], padding="same"))

    pooled = F.max_pool2d(x, 3, stride=1, padding=1)
    branches = [conv(x, 1), conv(conv(x, 2), 3), conv(conv(x, 4), 5), conv(pooled, 6)]
    return linear(p, F.adaptive_avg_pool2d(torch.cat(branches, 1), 1), 7)


def fully_connected_net(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    h, sizes = x, config.get("hidden", (100, 100))
    for number in range(1, len(sizes) + 1):
        h = linear(p, h, number)
        if config.get("normalization") == "batch_norm":
            h = norm(p, extra, h, number)
        elif config.get("normalization") == "layer_norm":
            h = F.layer_norm(h, h.shape[1:], p[f"gamma{number}"], p[f"beta{number}"])
        h = F.relu(h)
        if config.get("dropout", 0) > 0:
            # F.dropout takes no mask; the kernel of its backward does, and is the same linear map
            keep, scale = extra[f"mask{number}"].bool(), 1 / (1 - config["dropout"])
            h = torch.ops.aten.native_dropout_backward(h, keep, scale)
    return linear(p, h, len(sizes) + 1)
