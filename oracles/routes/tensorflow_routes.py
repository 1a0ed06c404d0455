"""tf.nn, called as its manual shows: images as NHWC, filters as (KH, KW, in, out)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import tensorflow  # noqa: F401 (what has to be installed)

from oracles.geometry import dilated, sides_of, two
from oracles.tf_driver import Tensor, nchw, nhwc, tf

from .axes import check_row
from .route import Array, Asked, Bits, Lacking, function_for, named, of_numpy

SCOPE = {"tf": tf, "np": np, "tensor": tf.constant}


def versions() -> dict[str, str]:
    return {"tensorflow": tf.__version__}


# ---------------------------------------------------------------------- how tf.nn writes arguments


def padding_of(padding: Any) -> Any:
    """A padding as tf.nn writes it: a name, or sides of every axis of an NHWC image."""
    if isinstance(padding, str):
        return padding.upper()
    return [[0, 0], *map(list, sides_of(padding)), [0, 0]]


def of_windows(said: Mapping[str, Any], default: Any = "VALID") -> dict[str, Any]:
    """strides, padding and dilations; whoever says no padding means none."""
    known = {"stride": "strides", "dilation": "dilations"}
    made = {known[n]: v for n, v in said.items() if n in known}
    made["padding"] = padding_of(said.get("padding", default))
    refused = said.keys() - {*known, "padding", "groups", "kernel_size"}
    if refused:
        raise TypeError(f"tf.nn has no argument {', '.join(sorted(refused))} here")
    return made


def in_both(given: dict[str, Any]) -> dict[str, Any]:
    """The same where dilations have to be named for each axis of an image."""
    return {n: two(value) if n == "dilations" else value for n, value in given.items()}


def without_counting(said: Mapping[str, Any]) -> dict[str, Any]:
    """Not to count the padding need not be said: there is nothing else."""
    return {n: v for n, v in said.items() if (n, v) != ("count_include_pad", False)}


def hwio(w: Tensor) -> Tensor:
    return tf.transpose(w, (2, 3, 1, 0))


# ---------------------------------------------------------------------- the calls


def conv2d(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    """The number of groups is that of the channels over those of the filters."""
    given = {"strides": 1, **of_windows(said)}
    out = tf.nn.conv2d(nhwc(x), hwio(w), **given)
    return nchw(out if b is None else tf.nn.bias_add(out, b))


def conv2d_transpose(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    """tf.nn is told the size of the output, which a caller works out."""
    size, given = size_before(x, w, said)
    shape = [x.shape[0], *size, w.shape[1]]
    out = tf.nn.conv2d_transpose(nhwc(x), hwio(w), shape, **given)
    return nchw(out if b is None else tf.nn.bias_add(out, b))


def size_before(x: Tensor, w: Tensor, said: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The size of the images that a convolution would make these of, and its arguments."""
    if "groups" in said:
        raise TypeError("tf.nn.conv2d_transpose has no argument groups")
    told = {n: v for n, v in said.items() if n != "output_size"}
    given = {"strides": 1, **of_windows(told)}
    if said.get("output_size") is not None:
        return said["output_size"], given
    same = given["padding"] == "SAME"
    spans = dilated(tuple(w.shape[2:]), said.get("dilation", 1))
    pairs = zip(x.shape[2:], two(said.get("stride", 1)), spans, strict=True)
    size = [n * s if same else (n - 1) * s + k for n, s, k in pairs]
    if not isinstance(given["padding"], str):
        size = [n - sum(p) for n, p in zip(size, given["padding"][1:3], strict=True)]
    return size, given


def separable_conv2d(
    x: Tensor, w_depth: Tensor, w_point: Tensor, b: Tensor = None, **said: Any
) -> Tensor:
    channels = x.shape[1]
    many = w_depth.shape[0] // channels
    depth = tf.transpose(tf.reshape(w_depth, (channels, many, *w_depth.shape[2:])), (2, 3, 0, 1))
    given = in_both(of_windows(said))
    given["strides"] = (1, *two(said.get("stride", 1)), 1)
    out = tf.nn.separable_conv2d(nhwc(x), depth, hwio(w_point), **given)
    return nchw(out if b is None else tf.nn.bias_add(out, b))


def max_pool(x: Tensor, kernel_size: Any, stride: Any = None, **said: Any) -> Any:
    given = of_windows({**said, "stride": stride or kernel_size})
    return nchw(tf.nn.max_pool2d(nhwc(x), kernel_size, **given))


def avg_pool(x: Tensor, kernel_size: Any, stride: Any = None, **said: Any) -> Tensor:
    given = of_windows({**without_counting(said), "stride": stride or kernel_size})
    return nchw(tf.nn.avg_pool2d(nhwc(x), kernel_size, **given))


def global_avg_pool(x: Tensor, keepdims: bool = True) -> Tensor:
    out = tf.reduce_mean(nhwc(x), (1, 2), keepdims=True)
    return nchw(out) if keepdims else tf.reshape(out, (x.shape[0], x.shape[1]))


def batch_norm(
    x: Tensor,
    gamma: Tensor = None,
    beta: Tensor = None,
    running_mean: Tensor = None,
    running_var: Tensor = None,
    *,
    training: bool = True,
    momentum: float | None = None,
    eps: float | None = None,
) -> Any:
    """tf.compat.v1.nn.fused_batch_norm, the one function of tf.nn that keeps statistics."""
    channels = x.shape[1]
    ones, zeros = tf.ones(channels, tf.float32), tf.zeros(channels, tf.float32)
    kept = {} if running_mean is None else {"mean": running_mean, "variance": running_var}
    said = {} if eps is None else {"epsilon": eps}
    if training and kept and momentum is not None:
        said["exponential_avg_factor"] = momentum
    elif training:
        kept = {}
    out, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        nhwc(x),
        ones if gamma is None else gamma,
        zeros if beta is None else beta,
        is_training=training,
        **kept,
        **said,
    )
    told = training and running_mean is not None
    more = {"running_mean": mean, "running_var": variance} if told else {}
    return {"out": nchw(out), **more}


def dropout(x: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    return tf.nn.dropout(x, p) if training else x


def affine(x: Tensor, w: Tensor, b: Tensor = None) -> Tensor:
    out = tf.linalg.matmul(tf.reshape(x, (x.shape[0], -1)), w)
    return out if b is None else tf.nn.bias_add(out, b)


def pad(x: Tensor, padding: Any, value: float = 0.0) -> Tensor:
    return tf.pad(x, [[0, 0], [0, 0], *padding], constant_values=value)


def flatten(x: Tensor) -> Tensor:
    """Of an NHWC image, as tf.reshape sees it."""
    image = nhwc(x)
    return tf.reshape(image, (image.shape[0], image.shape[1:].num_elements()))


def concat(x: Tensor, y: Tensor, z: Tensor = None) -> Tensor:
    return nchw(tf.concat([nhwc(part) for part in (x, y, z) if part is not None], 3))


def add(x: Tensor, y: Tensor) -> Tensor:
    return tf.add(x, y)


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    return tf.nn.softmax(x, dim)


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    return tf.nn.log_softmax(x, dim)


MEANS = {"none": lambda one: one, "mean": tf.reduce_mean, "sum": tf.reduce_sum}


def softmax_cross_entropy(x: Tensor, y: Tensor, reduction: str = "none") -> Tensor:
    """One loss for each sample; whoever wants a mean takes it."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x)
    return MEANS[reduction](losses)


def soft_cross_entropy(x: Tensor, y: Tensor, reduction: str = "none") -> Tensor:
    """One loss for each sample; whoever wants a mean takes it."""
    return MEANS[reduction](tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x))


def bce_with_logits(
    x: Tensor, y: Tensor, reduction: str = "none", pos_weight: float | None = None
) -> Tensor:
    """One loss for each number; whoever wants a mean takes it."""
    if pos_weight is None:
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=x)
    else:
        losses = tf.nn.weighted_cross_entropy_with_logits(y, x, pos_weight)
    return MEANS[reduction](losses)


def interpolate(x: Tensor, size: Any, mode: str | None = None) -> Tensor:
    """tf.image.resize, which is bilinear unless it is told otherwise."""
    return nchw(tf.image.resize(nhwc(x), size, **({} if mode is None else {"method": mode})))


def relu(x: Tensor) -> Tensor:
    return tf.nn.relu(x)


def leaky_relu(x: Tensor, negative_slope: float | None = None) -> Tensor:
    return tf.nn.leaky_relu(x, **({} if negative_slope is None else {"alpha": negative_slope}))


def sigmoid(x: Tensor) -> Tensor:
    return tf.nn.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    return tf.nn.tanh(x)


def gelu(x: Tensor, approximate: str | None = None) -> Tensor:
    return tf.nn.gelu(x, **({} if approximate is None else {"approximate": approximate == "tanh"}))


def silu(x: Tensor, **said: Any) -> Tensor:
    return tf.nn.silu(x, **said)


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    if alpha != 1:
        raise TypeError("tf.nn.elu has no argument alpha")
    return tf.nn.elu(x)


def softplus(x: Tensor) -> Tensor:
    return tf.nn.softplus(x)


# ---------------------------------------------------------------------- other calls for the same


def pooled(kind: str) -> Callable[..., Tensor]:
    """tf.nn.pool, which takes windows of any number of axes, and dilations."""

    def pool(x: Tensor, kernel_size: Any, stride: Any = None, **said: Any) -> Tensor:
        windows = of_windows({**without_counting(said), "stride": two(stride or kernel_size)})
        given = in_both(windows)
        return nchw(tf.nn.pool(nhwc(x), two(kernel_size), kind, **given))

    return pool


def depthwise(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    """tf.nn.depthwise_conv2d; raises Lacking where each group has several channels."""
    if w.shape[1] != 1:
        raise Lacking("tf.nn.depthwise_conv2d has one channel a group")
    given = in_both(of_windows(said))
    given["strides"] = (1, *two(said.get("stride", 1)), 1)
    channels = x.shape[1]
    kernel = tf.reshape(w, (channels, w.shape[0] // channels, *w.shape[2:]))
    out = tf.nn.depthwise_conv2d(nhwc(x), tf.transpose(kernel, (2, 3, 0, 1)), **given)
    return nchw(out if b is None else tf.nn.bias_add(out, b))


def channels_first(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    """tf.nn.conv2d of NCHW images."""
    given = {"strides": 1, **of_windows(said)}
    if not isinstance(given["padding"], str):
        given["padding"] = [[0, 0], [0, 0], *given["padding"][1:3]]
    out = tf.nn.conv2d(x, hwio(w), data_format="NCHW", **given)
    return out if b is None else tf.nn.bias_add(out, b, "NC..")


def moments(
    x: Tensor, gamma: Tensor = None, beta: Tensor = None, *, eps: float = 1e-5, **said: Any
) -> Tensor:
    """tf.nn.moments with tf.nn.batch_normalization: in training, which need not be said."""
    said = {n: v for n, v in said.items() if (n, v) != ("training", True)}
    if said:
        raise TypeError(f"tf.nn.batch_normalization has no argument {', '.join(sorted(said))}")
    mean, variance = tf.nn.moments(nhwc(x), (0, 1, 2))
    return nchw(tf.nn.batch_normalization(nhwc(x), mean, variance, beta, gamma, eps))


# ---------------------------------------------------------------------- of one axis: NWC


def of_row(given: Mapping[str, Any]) -> dict[str, Any]:
    """What of_windows made, along the one row of an image."""
    made: dict[str, Any] = {n: v if n == "padding" else two(v)[1] for n, v in given.items()}
    if not isinstance(made["padding"], str):
        made["padding"] = [made["padding"][place] for place in (0, 2, 3)]
    return made


def nwc(x: Tensor) -> Tensor:
    return tf.transpose(x[:, :, 0], (0, 2, 1))


def row(x: Tensor) -> Tensor:
    return tf.transpose(x, (0, 2, 1))[:, :, None]


def conv1d(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    check_row(x, w, said)
    given = of_row({"strides": 1, **of_windows(said)})
    out = tf.nn.conv1d(nwc(x), hwio(w)[0], given.pop("strides"), **given)
    return row(out if b is None else tf.nn.bias_add(out, b))


def conv1d_transpose(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    check_row(x, w, said)
    (rows, size), given = size_before(x, w, said)
    if rows != 1:
        raise Lacking("images of several rows have two axes")
    shape = [x.shape[0], size, w.shape[1]]
    out = tf.nn.conv1d_transpose(nwc(x), hwio(w)[0], shape, **of_row(given))
    return row(out if b is None else tf.nn.bias_add(out, b))


def max_pool1d(x: Tensor, kernel_size: Any, stride: Any = None, **said: Any) -> Tensor:
    check_row(x, None, {"kernel_size": kernel_size, **said})
    given = of_row(of_windows({**said, "stride": stride or kernel_size}))
    return row(tf.nn.max_pool1d(nwc(x), two(kernel_size)[1], **given))


def avg_pool1d(x: Tensor, kernel_size: Any, stride: Any = None, **said: Any) -> Tensor:
    check_row(x, None, {"kernel_size": kernel_size, **said})
    given = of_row(of_windows({**without_counting(said), "stride": stride or kernel_size}))
    return row(tf.nn.avg_pool1d(nwc(x), two(kernel_size)[1], **given))


# ---------------------------------------------------------------------- of three axes: NDHWC


def of_volume(given: Mapping[str, Any]) -> dict[str, Any]:
    """What of_windows made, for images as volumes that are a pixel deep."""
    made = {n: v if n == "padding" else (1, 1, *two(v), 1) for n, v in given.items()}
    if not isinstance(made["padding"], str):
        made["padding"] = [[0, 0], *made["padding"]]
    return made


def conv3d(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    given = of_volume({"strides": 1, **of_windows(said)})
    out = tf.nn.conv3d(nhwc(x)[:, None], hwio(w)[None], **given)[:, 0]
    return nchw(out if b is None else tf.nn.bias_add(out, b))


def conv3d_transpose(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    size, given = size_before(x, w, said)
    shape = [x.shape[0], 1, *size, w.shape[1]]
    out = tf.nn.conv3d_transpose(nhwc(x)[:, None], hwio(w)[None], shape, **of_volume(given))[:, 0]
    return nchw(out if b is None else tf.nn.bias_add(out, b))


def max_pool3d(x: Tensor, kernel_size: Any, stride: Any = None, **said: Any) -> Tensor:
    given = of_volume(of_windows({**said, "stride": stride or kernel_size}))
    window = (1, 1, *two(kernel_size), 1)
    return nchw(tf.nn.max_pool3d(nhwc(x)[:, None], window, **given)[:, 0])


def avg_pool3d(x: Tensor, kernel_size: Any, stride: Any = None, **said: Any) -> Tensor:
    given = of_volume(of_windows({**without_counting(said), "stride": stride or kernel_size}))
    window = (1, 1, *two(kernel_size), 1)
    return nchw(tf.nn.avg_pool3d(nhwc(x)[:, None], window, **given)[:, 0])


OF_ONE_AXIS: Mapping[str, Callable[..., Any]] = {
    "conv2d": conv1d,
    "conv2d_transpose": conv1d_transpose,
    "max_pool": max_pool1d,
    "avg_pool": avg_pool1d,
}
OF_THREE_AXES: Mapping[str, Callable[..., Any]] = {
    "conv2d": conv3d,
    "conv2d_transpose": conv3d_transpose,
    "max_pool": max_pool3d,
    "avg_pool": avg_pool3d,
}


# ---------------------------------------------------------------------- the ways to run them


def answer(asked: Asked) -> Mapping[str, Array]:
    """Eager, NHWC; gradients by GradientTape."""
    return run(asked, function_for(globals(), asked, "tf.nn"))


def table(asked: Bits) -> Mapping[str, Array]:
    """Numbers of 16 bits, eager."""
    x = tf.bitcast(tf.constant(asked.bits), getattr(tf, asked.kind))
    function = function_for(globals(), asked.asked, "tf.nn")
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = function(x, **asked.said)
    found = {"out": out, "dx": tape.gradient(out, x)}
    return plain({name: tf.bitcast(value, tf.int16) for name, value in found.items()})


def run(asked: Asked, function: Callable[..., Any]) -> Mapping[str, Array]:
    return plain(graded(asked, function, *leaves_of(asked)))


def as_function(asked: Asked, **options: Any) -> Mapping[str, Array]:
    """Traced and compiled as one graph, gradients in it."""
    whole = partial(graded, asked, function_for(globals(), asked, "tf.nn"))
    return plain(tf.function(whole, **options)(*leaves_of(asked)))


def leaves_of(asked: Asked) -> tuple[dict[str, Tensor], Tensor]:
    """The inputs, and the cotangent."""
    return {n: tf.constant(value) for n, value in asked.inputs.items()}, tf.constant(asked.dout)


def graded(
    asked: Asked, function: Callable[..., Any], leaves: Mapping[str, Tensor], dout: Tensor
) -> dict[str, Tensor]:
    """What a function gives, and the gradients of what is wanted."""
    watched = {name: leaves[name] for name in asked.wanted if name in leaves}
    with tf.GradientTape() as tape:
        tape.watch(list(watched.values()))
        result = named(function(**leaves, **asked.said))
    if watched and asked.dout.size == result["out"].shape.num_elements():
        given = tf.reshape(dout, result["out"].shape)
        found = tape.gradient(result["out"], watched, output_gradients=given)
        result |= {f"d{name}": g for name, g in found.items() if g is not None}
    return result


def in_bfloat16(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same of arrays that are rounded to bfloat16; what it gives comes back as they were."""

    def rounded(**given: Any) -> dict[str, Any]:
        floats = {n for n, v in given.items() if tf.is_tensor(v) and v.dtype.is_floating}
        cast = {n: tf.cast(v, tf.bfloat16) if n in floats else v for n, v in given.items()}
        return {n: tf.cast(v, given["x"].dtype) for n, v in named(function(**cast)).items()}

    return rounded


def plain(result: Mapping[str, Tensor]) -> dict[str, Array]:
    """As NumPy's arrays."""
    return of_numpy({name: value.numpy() for name, value in result.items()})


def instead(functions: Mapping[str, Callable[..., Any]], asked: Asked) -> Mapping[str, Array]:
    """By another function of tf.nn."""
    return run(asked, function_for(functions, asked, "this part of tf.nn"))


VARIANTS = {
    "1d": lambda asked: instead(OF_ONE_AXIS, asked),
    "3d": lambda asked: instead(OF_THREE_AXES, asked),
    "nchw": lambda asked: instead({"conv2d": channels_first}, asked),
    "pool": lambda asked: instead({"max_pool": pooled("MAX"), "avg_pool": pooled("AVG")}, asked),
    "depthwise": lambda asked: instead({"conv2d": depthwise}, asked),
    "moments": lambda asked: instead({"batch_norm": moments}, asked),
    "bfloat16": lambda asked: run(asked, in_bfloat16(function_for(globals(), asked, "tf.nn"))),
    "graph": as_function,
    "xla": lambda asked: as_function(asked, jit_compile=True),
    "no_onednn": answer,
}
ROUNDED = ("bfloat16",)
"""Which have fewer digits than the dtype that they are asked in."""
ON_REQUEST = ("bfloat16",)
"""Asked only where it is named: its answers have its rounding where they are not exact."""
ENVIRONMENT = {
    "": {"TF_ENABLE_ONEDNN_OPTS": "1", "MALLOC_PERTURB_": "85"},
    "no_onednn": {"TF_ENABLE_ONEDNN_OPTS": "0", "MALLOC_PERTURB_": "85"},
}
"""What has to be set before the framework is imported: left to itself, TensorFlow takes oneDNN on
some processors only, and the answers would be another machine's; and what is read before it was
written is the same every time, and wrong, where glibc fills what it gives and takes."""
