"""Keras's own layers on TensorFlow, with gradients by GradientTape. One function an op."""

from __future__ import annotations

from typing import Any

from .oracle import Answer, Omitted, Question
from .tf_driver import Tensor, ask, nchw, nhwc, tf


def versions() -> dict[str, str]:
    return {"keras": tf.keras.__version__, "tensorflow": tf.__version__}


def answer(question: Question) -> Answer:
    return ask(globals(), question, "keras")


def _scaled(out: Tensor, gamma: Tensor | None, beta: Tensor | None) -> Tensor:
    """gamma and beta are applied outside the layer, so that the tape sees them."""
    out = out if gamma is None else out * gamma
    return out if beta is None else out + beta


def batch_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    *,
    training: bool,
    momentum: float,
    eps: float,
    unbiased_running_var: bool,
) -> dict[str, Any]:
    layer = tf.keras.layers.BatchNormalization(
        momentum=1 - momentum, epsilon=eps, center=False, scale=False, dtype=x.dtype.name
    )
    channels = nhwc(x)
    layer.build(channels.shape)
    if running_mean is not None:
        layer.moving_mean.assign(running_mean)
        layer.moving_variance.assign(running_var)
    result = {"out": nchw(_scaled(layer(channels, training=training), gamma, beta))}
    if not training or running_mean is None:
        return result
    result["running_mean"] = tf.convert_to_tensor(layer.moving_mean.value)
    result["running_var"] = tf.convert_to_tensor(layer.moving_variance.value)
    if unbiased_running_var:
        result["running_var"] = Omitted("Keras's running variance is always biased")
    return result


def group_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    *,
    num_groups: int,
    eps: float,
) -> Tensor:
    layer = tf.keras.layers.GroupNormalization(
        num_groups, epsilon=eps, center=False, scale=False, dtype=x.dtype.name
    )
    return nchw(_scaled(layer(nhwc(x)), gamma, beta))
