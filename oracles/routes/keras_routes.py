"""Keras's layers, made as its manual shows, with its own defaults; channels last.

Only dtype is always named: a layer is float32 otherwise, and casts what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import tensorflow  # noqa: F401 (what has to be installed)

from oracles.tf_driver import Tensor, nchw, nhwc, tf

from .axes import of_rows, of_volumes
from .route import Array, Asked, function_for
from .tensorflow_routes import run, without_counting

layers = tf.keras.layers
NAMES = {
    "stride": "strides",
    "dilation": "dilation_rate",
    "kernel_size": "pool_size",
    "eps": "epsilon",
    "num_groups": "groups",
    "p": "rate",
    "dim": "axis",
    "normalized_dims": "axis",
}
"""What Keras calls the attributes; those without another name go by their own."""


SCOPE = {"keras": tf.keras, "tf": tf, "np": np, "tensor": tf.constant}


def versions() -> dict[str, str]:
    return {"keras": tf.keras.__version__, "tensorflow": tf.__version__}


def answer(asked: Asked) -> Mapping[str, Array]:
    """The layer called on images; gradients by GradientTape."""
    return run(asked, function_for(globals(), asked, "keras.layers"))


FRAMEWORK = "tensorflow"
"""On which it runs: what is wrong below a layer is that one's."""


def renamed(said: Mapping[str, Any]) -> dict[str, Any]:
    return {NAMES.get(name, name): value for name, value in said.items()}


def with_weights(layer: Any, x: Tensor, weights: Any, kept: Any = (), **call: Any) -> Any:
    """The layer's output, and what it keeps, where its weights are these: so the tape sees them."""
    layer.build(x.shape)
    return layer.stateless_call(list(weights), list(kept), x, **call)


def scaled(kind: Any, x: Tensor, gamma: Tensor, beta: Tensor, **said: Any) -> Any:
    """A normalization with these weights, or without them."""
    layer = kind(center=beta is not None, scale=gamma is not None, dtype=x.dtype.name, **said)
    return layer, [weight for weight in (gamma, beta) if weight is not None]


# ---------------------------------------------------------------------- the layers


def last(x: Tensor) -> Tensor:
    """(N, C, ...) as Keras has it: channels last."""
    return tf.transpose(x, (0, *range(2, x.shape.rank), 1))


def first(x: Tensor) -> Tensor:
    """And back."""
    return tf.transpose(x, (0, x.shape.rank - 1, *range(1, x.shape.rank - 1)))


def convolved(kind: Any, x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    """A convolution of any number of axes."""
    return weighed(kind, w.shape[0], x, w, b, said)


def transposed(kind: Any, x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    """A transposed one, whose filters are the second axis of torch's weights."""
    return weighed(kind, w.shape[1], x, w, b, said)


def weighed(
    kind: Any, filters: int, x: Tensor, w: Tensor, b: Tensor, said: Mapping[str, Any]
) -> Tensor:
    """A layer of so many filters with these weights."""
    given = {"use_bias": b is not None, "dtype": x.dtype.name, **renamed(said)}
    layer = kind(filters, tuple(w.shape[2:]), **given)
    kernel = tf.transpose(w, (*range(2, w.shape.rank), 1, 0))
    return first(with_weights(layer, last(x), [kernel] if b is None else [kernel, b])[0])


def pooled(kind: Any, x: Tensor, **said: Any) -> Tensor:
    """A pooling of any number of axes."""
    return first(kind(dtype=x.dtype.name, **renamed(said))(last(x)))


def averaged(kind: Any) -> Callable[..., Tensor]:
    """One that counts no padding, which need not be said."""
    return lambda x, **said: pooled(kind, x, **without_counting(said))


def conv2d(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    return convolved(layers.Conv2D, x, w, b, **said)


def conv2d_transpose(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    return transposed(layers.Conv2DTranspose, x, w, b, **said)


def separable_conv2d(
    x: Tensor, w_depth: Tensor, w_point: Tensor, b: Tensor = None, **said: Any
) -> Tensor:
    channels = x.shape[1]
    many = w_depth.shape[0] // channels
    given = {"depth_multiplier": many, "use_bias": b is not None, **renamed(said)}
    layer = layers.SeparableConv2D(
        w_point.shape[0], tuple(w_depth.shape[2:]), dtype=x.dtype.name, **given
    )
    depth = tf.transpose(tf.reshape(w_depth, (channels, many, *w_depth.shape[2:])), (2, 3, 0, 1))
    weights = [depth, tf.transpose(w_point, (2, 3, 1, 0)), *([] if b is None else [b])]
    return nchw(with_weights(layer, nhwc(x), weights)[0])


def max_pool(x: Tensor, **said: Any) -> Tensor:
    return pooled(layers.MaxPooling2D, x, **said)


def avg_pool(x: Tensor, **said: Any) -> Tensor:
    return averaged(layers.AveragePooling2D)(x, **said)


def global_avg_pool(x: Tensor, **said: Any) -> Tensor:
    out = layers.GlobalAveragePooling2D(dtype=x.dtype.name, **said)(nhwc(x))
    return nchw(out) if len(out.shape) == 4 else out


def batch_norm(
    x: Tensor,
    gamma: Tensor = None,
    beta: Tensor = None,
    running_mean: Tensor = None,
    running_var: Tensor = None,
    training: bool = False,
    **said: Any,
) -> Any:
    """Called like a function, a Keras layer is in test mode."""
    layer, weights = scaled(layers.BatchNormalization, x, gamma, beta, **renamed(said))
    channels = x.shape[1]
    given = running_mean is not None
    zeros, ones = tf.zeros(channels, x.dtype), tf.ones(channels, x.dtype)
    kept = [running_mean, running_var] if given else [zeros, ones]
    out, (mean, var) = with_weights(layer, nhwc(x), weights, kept, training=training)
    more = {"running_mean": mean, "running_var": var} if given and training else {}
    return {"out": nchw(out), **more}


def group_norm(x: Tensor, gamma: Tensor = None, beta: Tensor = None, **said: Any) -> Tensor:
    layer, weights = scaled(layers.GroupNormalization, x, gamma, beta, **renamed(said))
    return nchw(with_weights(layer, nhwc(x), weights)[0])


def layer_norm(
    x: Tensor, gamma: Tensor = None, beta: Tensor = None, normalized_dims: int = 1, **said: Any
) -> Tensor:
    axes = list(range(-normalized_dims, 0))
    layer, weights = scaled(layers.LayerNormalization, x, gamma, beta, axis=axes, **renamed(said))
    return with_weights(layer, x, weights)[0]


def rms_norm(x: Tensor, gamma: Tensor = None, normalized_dims: int = 1, **said: Any) -> Tensor:
    axes = list(range(-normalized_dims, 0))
    layer = layers.RMSNormalization(axis=axes, dtype=x.dtype.name, **renamed(said))
    return with_weights(layer, x, [] if gamma is None else [gamma])[0]


def pad(x: Tensor, padding: Any, **said: Any) -> Tensor:
    return nchw(layers.ZeroPadding2D(padding, dtype=x.dtype.name, **said)(nhwc(x)))


def concat(x: Tensor, y: Tensor, z: Tensor = None) -> Tensor:
    parts = [nhwc(part) for part in (x, y, z) if part is not None]
    return nchw(layers.Concatenate(dtype=x.dtype.name)(parts))


def add(x: Tensor, y: Tensor) -> Tensor:
    return layers.Add(dtype=x.dtype.name)([x, y])


def dropout(x: Tensor, p: float = 0.5, training: bool = False) -> Tensor:
    return layers.Dropout(p, dtype=x.dtype.name)(x, training=training)


def flatten(x: Tensor) -> Tensor:
    return layers.Flatten(dtype=x.dtype.name)(nhwc(x))


def affine(x: Tensor, w: Tensor, b: Tensor = None) -> Tensor:
    """Dense turns the last axis alone; images are flattened first."""
    layer = layers.Dense(w.shape[1], use_bias=b is not None, dtype=x.dtype.name)
    flat = tf.reshape(x, (x.shape[0], -1))
    return with_weights(layer, flat, [w] if b is None else [w, b])[0]


def relu(x: Tensor) -> Tensor:
    return layers.ReLU(dtype=x.dtype.name)(x)


def leaky_relu(x: Tensor, **said: Any) -> Tensor:
    return layers.LeakyReLU(dtype=x.dtype.name, **said)(x)


def softmax(x: Tensor, **said: Any) -> Tensor:
    return layers.Softmax(dtype=x.dtype.name, **renamed(said))(x)


def log_softmax(x: Tensor, **said: Any) -> Tensor:
    return tf.keras.activations.log_softmax(x, **renamed(said))


def gelu(x: Tensor, approximate: str | None = None) -> Tensor:
    said = {} if approximate is None else {"approximate": approximate == "tanh"}
    return tf.keras.activations.gelu(x, **said)


def sigmoid(x: Tensor) -> Tensor:
    return tf.keras.activations.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    return tf.keras.activations.tanh(x)


def interpolate(x: Tensor, size: Any, mode: str | None = None) -> Tensor:
    """Resizing, which is bilinear unless it is told otherwise."""
    said = {} if mode is None else {"interpolation": mode}
    return nchw(layers.Resizing(*size, dtype=x.dtype.name, **said)(nhwc(x)))


def silu(x: Tensor) -> Tensor:
    return tf.keras.activations.silu(x)


def elu(x: Tensor, **said: Any) -> Tensor:
    return layers.ELU(dtype=x.dtype.name, **said)(x)


def softplus(x: Tensor) -> Tensor:
    return tf.keras.activations.softplus(x)


REDUCTIONS = {"mean": "sum_over_batch_size", "sum": "sum", "none": "none"}


def softmax_cross_entropy(x: Tensor, y: Tensor, reduction: str | None = None) -> Tensor:
    """The loss's default is the mean."""
    said = {} if reduction is None else {"reduction": REDUCTIONS[reduction]}
    loss = tf.keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, dtype=x.dtype.name, **said
    )
    return loss(y, x)


def soft_cross_entropy(
    x: Tensor, y: Tensor, reduction: str | None = None, label_smoothing: float | None = None
) -> Tensor:
    """The loss's default is the mean."""
    said: dict[str, Any] = {} if reduction is None else {"reduction": REDUCTIONS[reduction]}
    said |= {} if label_smoothing is None else {"label_smoothing": label_smoothing}
    loss = tf.keras.losses.CategoricalCrossentropy(from_logits=True, dtype=x.dtype.name, **said)
    return loss(y, x)


def bce_with_logits(x: Tensor, y: Tensor, reduction: str | None = None) -> Tensor:
    """The loss's default is the mean; with "none" it is a mean over the last axis already."""
    said = {} if reduction is None else {"reduction": REDUCTIONS[reduction]}
    return tf.keras.losses.BinaryCrossentropy(from_logits=True, dtype=x.dtype.name, **said)(y, x)


def svm_loss(x: Tensor, y: Tensor, **said: Any) -> Tensor:
    """CategoricalHinge, which looks at the best wrong class alone."""
    loss = tf.keras.losses.CategoricalHinge(dtype=x.dtype.name, **said)
    return loss(tf.one_hot(y, x.shape[1], dtype=x.dtype), x)


# ---------------------------------------------------------------------- of one axis, and of three


def of_one_axis() -> dict[str, Callable[..., Any]]:
    return {
        "conv2d": of_rows(partial(convolved, layers.Conv1D)),
        "conv2d_transpose": of_rows(partial(transposed, layers.Conv1DTranspose), enlarges=True),
        "max_pool": of_rows(partial(pooled, layers.MaxPooling1D)),
        "avg_pool": of_rows(averaged(layers.AveragePooling1D)),
    }


def of_three_axes() -> dict[str, Callable[..., Any]]:
    return {
        "conv2d": of_volumes(partial(convolved, layers.Conv3D)),
        "conv2d_transpose": of_volumes(partial(transposed, layers.Conv3DTranspose)),
        "max_pool": of_volumes(partial(pooled, layers.MaxPooling3D)),
        "avg_pool": of_volumes(averaged(layers.AveragePooling3D)),
    }


def instead(functions: Mapping[str, Callable[..., Any]], asked: Asked) -> Mapping[str, Array]:
    """By other layers."""
    return run(asked, function_for(functions, asked, "this part of keras.layers"))


VARIANTS = {
    "1d": lambda asked: instead(of_one_axis(), asked),
    "3d": lambda asked: instead(of_three_axes(), asked),
}
ENVIRONMENT = {"": {"TF_ENABLE_ONEDNN_OPTS": "1", "MALLOC_PERTURB_": "85"}}
