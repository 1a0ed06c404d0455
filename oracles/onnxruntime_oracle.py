"""ONNX's operators in ONNX Runtime, forward only. One function an op, named as the op."""

from __future__ import annotations

from typing import Any

import numpy as np

from .geometry import dilated, explicit, transposed, two
from .onnx_driver import Value, ask, node, nodes, onnx, ort
from .oracle import Answer, Array, Omitted, Question, Unsupported

AUTO_PAD = {"valid": "VALID", "same": "SAME_UPPER", "same_lower": "SAME_LOWER"}


def versions() -> dict[str, str]:
    return {"onnxruntime": ort.__version__, "onnx": onnx.__version__}


def answer(question: Question) -> Answer:
    return ask(globals(), question, "onnxruntime")


def _padding(padding: Any, x: Array, kernel: Any, stride: Any, dilation: Any = 1) -> dict[str, Any]:
    """ONNX's name where its runtime takes that, or [top, left, bottom, right]."""
    if isinstance(padding, str) and two(dilation) == (1, 1):
        return {"auto_pad": AUTO_PAD[padding]}
    span = dilated(kernel, dilation)
    (top, bottom), (left, right) = explicit(padding, x.shape[2:], span, two(stride))
    return {"pads": [top, left, bottom, right]}


def _number(name: str, value: float, x: Array) -> float:
    """An attribute of ONNX, which is a float32 number whatever the tensors are."""
    if x.dtype == np.float64 and float(np.float32(value)) != value:
        raise Unsupported(
            f"ONNX keeps {name} {value} as a float32 number: {np.float32(value):.17g}"
        )
    return value


def _scale(value: Array | None, x: Array, size: Any, absent: float) -> Array:
    """A parameter that ONNX requires."""
    return np.full(size, absent, x.dtype) if value is None else value


def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Value:
    sizes = {"strides": two(stride), "dilations": two(dilation), "group": groups}
    pads = _padding(padding, x, w.shape[2:], stride, dilation)
    return node("Conv", x, w, b, **sizes, **pads)


def conv2d_transpose(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: Any,
    padding: Any,
    output_padding: Any,
    output_size: Any,
    dilation: Any,
    groups: int,
) -> Value:
    """output_shape chooses the padding too: ONNX ignores pads beside it. Its SAME gives less than
    H*stride rows where the kernel spans fewer than stride: output_padding then."""
    sizes = {"strides": two(stride), "dilations": two(dilation), "group": groups}
    small, span, s = x.shape[2:], dilated(w.shape[2:], dilation), two(stride)
    if padding in ("same", "same_lower") and all(k >= t for k, t in zip(span, s, strict=True)):
        sizes["output_shape"] = None if output_size is None else two(output_size)
        return node("ConvTranspose", x, w, b, **sizes, auto_pad=AUTO_PAD[padding])
    target, sides = transposed(small, span, s, padding, output_padding, output_size)
    least, _ = transposed(small, span, s, sides, 0, None)
    extra = [t - n for t, n in zip(target, least, strict=True)]
    if any(e >= step for e, step in zip(extra, s, strict=True)):
        raise Unsupported(f"ONNX Runtime refuses output_padding {extra} at stride {list(s)}")
    pads = _padding(sides, x, w.shape[2:], stride)
    return node("ConvTranspose", x, w, b, **sizes, **pads, output_padding=extra)


def separable_conv2d(
    x: Array, w_depth: Array, w_point: Array, b: Array | None = None, **attributes: Any
) -> Value:
    return node("Conv", conv2d(x, w_depth, groups=x.shape[1], **attributes), w_point, b)


def max_pool(
    x: Array,
    *,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    stride = kernel_size if stride is None else stride
    out, places = nodes(
        "MaxPool",
        2,
        x,
        kernel_shape=two(kernel_size),
        strides=two(stride),
        dilations=two(dilation),
        ceil_mode=int(ceil_mode),
        **_padding(padding, x, kernel_size, stride, dilation),
    )
    if not return_indices:
        return out
    # ONNX counts through all images and channels
    return {"out": out, "indices": node("Mod", places, np.array(x.shape[2] * x.shape[3]))}


def avg_pool(
    x: Array,
    *,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Value:
    if divisor_override is not None:
        raise Unsupported("ONNX's AveragePool has no divisor of one's own")
    stride = kernel_size if stride is None else stride
    return node(
        "AveragePool",
        x,
        kernel_shape=two(kernel_size),
        strides=two(stride),
        ceil_mode=int(ceil_mode),
        count_include_pad=int(count_include_pad),
        **_padding(padding, x, kernel_size, stride),
    )


def global_avg_pool(x: Array, *, keepdims: bool) -> Value:
    out = node("GlobalAveragePool", x)
    return out if keepdims else node("Flatten", out)


def batch_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    *,
    training: bool,
    momentum: float,
    eps: float,
    unbiased_running_var: bool,
) -> dict[str, Any]:
    """ONNX's momentum is the share of the old statistics."""
    c, numbers = x.shape[1], {"epsilon": _number("epsilon", eps, x)}
    scales = _scale(gamma, x, c, 1), _scale(beta, x, c, 0)
    statistics = _scale(running_mean, x, c, 0), _scale(running_var, x, c, 1)
    if not training:
        return {"out": node("BatchNormalization", x, *scales, *statistics, **numbers)}
    if running_mean is not None:
        numbers["momentum"] = _number("momentum", 1 - momentum, x)
    out, mean, var = nodes(
        "BatchNormalization", 3, x, *scales, *statistics, training_mode=1, **numbers
    )
    if running_mean is None:
        return {"out": out}
    biased = Omitted("ONNX's running variance is always biased")
    return {
        "out": out,
        "running_mean": mean,
        "running_var": biased if unbiased_running_var else var,
    }


batch_norm_1d = batch_norm


def group_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    num_groups: int,
    eps: float,
) -> Value:
    """In ONNX's double precision: it takes mean(x^2) - mean(x)^2, which cancels in its default."""
    c, epsilon = x.shape[1], _number("epsilon", eps, x)
    scales = _scale(gamma, x, c, 1), _scale(beta, x, c, 0)
    stash = onnx.TensorProto.DOUBLE
    attributes = {"num_groups": num_groups, "epsilon": epsilon, "stash_type": stash}
    return node("GroupNormalization", x, *scales, **attributes)


def layer_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    normalized_dims: int,
    eps: float,
) -> Value:
    scale = _scale(gamma, x, x.shape[-normalized_dims:], 1)
    epsilon = _number("epsilon", eps, x)
    return node("LayerNormalization", x, scale, beta, axis=-normalized_dims, epsilon=epsilon)


def instance_norm(
    x: Array, gamma: Array | None = None, beta: Array | None = None, *, eps: float
) -> Value:
    c, epsilon = x.shape[1], _number("epsilon", eps, x)
    scales = _scale(gamma, x, c, 1), _scale(beta, x, c, 0)
    return node("InstanceNormalization", x, *scales, epsilon=epsilon)


def dropout(
    x: Array, mask: Array | None = None, *, p: float, training: bool, mask_seed: int
) -> Value:
    if training and (p > 0 or mask is not None):
        raise Unsupported("ONNX's Dropout draws its mask itself")
    return node("Dropout", x, np.array(p, x.dtype), np.array(training))


def pad(x: Array, *, padding: Any, value: float) -> Value:
    (top, bottom), (left, right) = explicit(padding, x.shape[2:], (1, 1), (1, 1))
    pads = np.array([0, 0, top, left, 0, 0, bottom, right])
    return node("Pad", x, pads, np.array(value, x.dtype))


def flatten(x: Array, *, start_dim: int, channels_last: bool) -> Value:
    """ONNX's Flatten makes a matrix of any tensor, and so is no help but at axis 1."""
    if start_dim != 1:
        return node("Reshape", x, np.array([*[0] * start_dim, -1]))
    if channels_last:
        return node("Flatten", node("Transpose", x, perm=[0, *range(2, x.ndim), 1]))
    return node("Flatten", x)


def add(x: Array, y: Array) -> Value:
    return node("Add", x, y)


def concat(x: Array, y: Array, z: Array | None = None) -> Value:
    return node("Concat", *(part for part in (x, y, z) if part is not None), axis=1)


def affine(x: Array, w: Array, b: Array | None = None) -> Value:
    return node("Gemm", node("Flatten", x), w, b)


def relu(x: Array) -> Value:
    return node("Relu", x)


def leaky_relu(x: Array, *, negative_slope: float) -> Value:
    return node("LeakyRelu", x, alpha=_number("alpha", negative_slope, x))


def sigmoid(x: Array) -> Value:
    """ONNX Runtime computes one half and what is added to it."""
    raise Unsupported("ONNX Runtime's Sigmoid is right beside 1 only: small values are lost in it")


def interpolate(x: Array, *, size: Any, mode: str, align_corners: bool) -> Value:
    places = "asymmetric" if mode == "nearest" else "half_pixel"
    return node(
        "Resize",
        x,
        None,
        None,
        np.array([*x.shape[:2], *two(size)]),
        mode="linear" if mode == "bilinear" else "nearest",
        coordinate_transformation_mode="align_corners" if align_corners else places,
        nearest_mode="floor" if mode == "nearest" else "round_prefer_ceil",
    )


def tanh(x: Array) -> Value:
    return node("Tanh", x)


def gelu(x: Array, *, approximate: str) -> Value:
    return node("Gelu", x, approximate=approximate)


def elu(x: Array, *, alpha: float) -> Value:
    return node("Elu", x, alpha=_number("alpha", alpha, x))


def softplus(x: Array, *, beta: float, threshold: float | None) -> Value:
    if threshold is not None or beta != 1:
        raise Unsupported("ONNX's Softplus has neither beta nor threshold")
    return node("Softplus", x)


def softmax(x: Array, *, dim: int) -> Value:
    return node("Softmax", x, axis=dim)


def log_softmax(x: Array, *, dim: int) -> Value:
    return node("LogSoftmax", x, axis=dim)


def softmax_cross_entropy(
    x: Array, y: Array, *, reduction: str, label_smoothing: float, ignore_index: int
) -> Value:
    if label_smoothing:
        raise Unsupported("ONNX's SoftmaxCrossEntropyLoss has no label smoothing")
    return node("SoftmaxCrossEntropyLoss", x, y, reduction=reduction, ignore_index=ignore_index)
