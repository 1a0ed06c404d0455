"""Nets in TensorFlow: tf.nn, GradientTape and tf.keras.optimizers.SGD; images are NHWC inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from oracles.tf_driver import Tensor, tf

Array = npt.NDArray[Any]
Tensors = dict[str, Any]
MOMENTUM = 0.1  # the share of the new running statistics, which tf.nn leaves to its caller
EPS = 1e-5


def versions() -> dict[str, str]:
    return {"tensorflow": tf.__version__, "keras": tf.keras.__version__}


class Trainer:
    """A net in training.

    net, config: its name and arguments · arrays: parameters, and running statistics if it has
    any · learning_rate, momentum: of tf.keras.optimizers.SGD, which rounds momentum to float32.
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
        tf.keras.config.set_floatx("float64")  # the learning rate is kept in this dtype
        self.scores, self.config = globals()[net], config
        self.parameters = {name: tf.Variable(value) for name, value in parameters.items()}
        self.state = {name: tf.constant(value) for name, value in state.items()}
        self.optimizer = tf.keras.optimizers.SGD(learning_rate, momentum)

    def step(self, x: Array, y: Array, masks: Mapping[str, Array]) -> dict[str, Array]:
        """Loss, gradients, parameters after the step and running statistics, by name."""
        extra = {**self.state, **{name: tf.constant(mask) for name, mask in masks.items()}}
        images = tf.constant(x.transpose(0, 2, 3, 1) if x.ndim == 4 else x)
        with tf.GradientTape() as tape:
            loss = self.loss(images, tf.constant(y), extra)
        gradients = tape.gradient(loss, self.parameters)
        self.optimizer.apply_gradients([(gradients[n], w) for n, w in self.parameters.items()])
        self.state = {name: extra[name] for name in self.state}
        found = {"loss": loss, **{f"d{name}": g for name, g in gradients.items()}}
        return {n: v.numpy() for n, v in {**found, **self.parameters, **self.state}.items()}

    def loss(self, x: Tensor, y: Tensor, extra: Tensors) -> Tensor:
        """Mean cross-entropy and the L2 penalty."""
        scores = self.scores(self.parameters, x, extra, self.config)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, scores))
        reg = self.config.get("reg", 0)
        if reg:
            loss += reg * sum(tf.nn.l2_loss(w) for n, w in self.parameters.items() if n[0] == "W")
        return loss


def linear(p: Tensors, h: Tensor, number: int) -> Tensor:
    """Images are flattened in the order (C, H, W)."""
    h = tf.transpose(h, (0, 3, 1, 2)) if len(h.shape) == 4 else h
    return tf.matmul(tf.reshape(h, (h.shape[0], -1)), p[f"W{number}"]) + p[f"b{number}"]


def conv(p: Tensors, h: Tensor, number: int, padding: int = 0, stride: int = 1) -> Tensor:
    """padding: pixels on every side."""
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    out = tf.nn.conv2d(h, tf.transpose(p[f"W{number}"], (2, 3, 1, 0)), stride, sides)
    bias = p.get(f"b{number}")
    return out if bias is None else tf.nn.bias_add(out, bias)


def norm(p: Tensors, extra: Tensors, h: Tensor, number: int) -> Tensor:
    """Batch norm in training; the running statistics in `extra` are replaced."""
    mean, var = tf.nn.moments(h, list(range(len(h.shape) - 1)))
    n = tf.size(h) / h.shape[-1]
    for name, new in (("mean", mean), ("var", var * (n / (n - 1)))):
        old = extra[f"running_{name}{number}"]
        extra[f"running_{name}{number}"] = (1 - MOMENTUM) * old + MOMENTUM * new
    return tf.nn.batch_normalization(h, mean, var, p[f"beta{number}"], p[f"gamma{number}"], EPS)


def two_layer_net(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    return linear(p, tf.nn.relu(linear(p, x, 1)), 2)


def three_layer_conv_net(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    h = tf.nn.relu(conv(p, x, 1, padding=p["W1"].shape[2] // 2))
    return linear(p, tf.nn.relu(linear(p, tf.nn.max_pool2d(h, 2, 2, "VALID"), 2)), 3)


def small_cnn(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    return linear(p, tf.nn.max_pool2d(conv(p, x, 1), 2, 2, "VALID"), 2)


def lenet5(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    h = x
    for number, padding in enumerate(config.get("paddings", (2, 0)), 1):
        h = tf.nn.max_pool2d(tf.nn.relu(conv(p, h, number, padding)), 2, 2, "VALID")
    return linear(p, tf.nn.relu(linear(p, tf.nn.relu(linear(p, h, 3)), 4)), 5)


def residual_block(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    stride = config.get("stride", 1)
    h = tf.nn.relu(norm(p, extra, conv(p, x, 1, padding=1, stride=stride), 1))
    h = norm(p, extra, conv(p, h, 2, padding=1), 2)
    direct = norm(p, extra, conv(p, x, 3, stride=stride), 3)
    return linear(p, tf.reduce_mean(tf.nn.relu(h + direct), (1, 2)), 4)


def inception_block(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    def same(h: Tensor, number: int) -> Tensor:
        return tf.nn.relu(conv(p, h, number, padding=p[f"W{number}"].shape[2] // 2))

    pooled = tf.nn.max_pool2d(x, 3, 1, "SAME")
    branches = [same(x, 1), same(same(x, 2), 3), same(same(x, 4), 5), same(pooled, 6)]
    return linear(p, tf.reduce_mean(tf.concat(branches, 3), (1, 2)), 7)


def fully_connected_net(p: Tensors, x: Tensor, extra: Tensors, config: Any) -> Tensor:
    h, sizes, rate = x, config.get("hidden", (100, 100)), config.get("dropout", 0)
    for number in range(1, len(sizes) + 1):
        h = linear(p, h, number)
        if config.get("normalization") == "batch_norm":
            h = norm(p, extra, h, number)
        elif config.get("normalization") == "layer_norm":
            mean, var = tf.nn.moments(h, [1], keepdims=True)
            scale = p[f"beta{number}"], p[f"gamma{number}"]
            h = tf.nn.batch_normalization(h, mean, var, *scale, EPS)
        h = tf.nn.relu(h)
        if rate > 0:
            mask = extra[f"mask{number}"]  # 1 keeps an element, since 1 >= rate
            h = tf.nn.experimental.general_dropout(h, rate, lambda shape, dtype, mask=mask: mask)
    return linear(p, h, len(sizes) + 1)
