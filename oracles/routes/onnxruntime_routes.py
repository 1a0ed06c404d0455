"""ONNX's operators by ONNX Runtime: one node, the attributes that were said, no gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnxruntime  # noqa: F401 (what has to be installed)

from oracles.geometry import sides_of, two
from oracles.onnx_driver import Value, node, onnx, ort, run

from .axes import of_rows, of_volumes
from .route import Array, Asked, Bits, Lacking, function_for, named

SCOPE = {"node": node, "run": run, "np": np, "tensor": np.asarray}
AUTO_PAD = {"valid": "VALID", "same": "SAME_UPPER", "same_lower": "SAME_LOWER"}
SIZES = {"stride": "strides", "dilation": "dilations", "kernel_size": "kernel_shape"}
OTHERS = {"groups": "group", "output_padding": "output_padding", "output_size": "output_shape"}


def versions() -> dict[str, str]:
    return {"onnxruntime": ort.__version__, "onnx": onnx.__version__}


def of_windows(said: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as ONNX writes them."""
    made: dict[str, Any] = {}
    for name, value in said.items():
        if name == "padding":
            made |= {"auto_pad": AUTO_PAD[value]} if isinstance(value, str) else pads(value)
        elif name in SIZES or name in ("output_padding", "output_size"):
            made[{**SIZES, **OTHERS}[name]] = two(value)
        elif name in ("ceil_mode", "count_include_pad"):
            made[name] = int(value)
        elif name in OTHERS:
            made[OTHERS[name]] = value
        else:
            raise TypeError(f"ONNX has no attribute {name} here")
    return made


def pads(padding: Any) -> dict[str, Any]:
    """All tops and lefts, then all bottoms and rights."""
    (top, bottom), (left, right) = sides_of(padding)
    return {"pads": [top, left, bottom, right]}


def conv2d(x: Array, w: Array, b: Array | None = None, **said: Any) -> Value:
    return node("Conv", x, w, b, **of_windows(said))


def conv2d_transpose(x: Array, w: Array, b: Array | None = None, **said: Any) -> Value:
    return node("ConvTranspose", x, w, b, **of_windows(said))


def max_pool(x: Array, **said: Any) -> Value:
    return node("MaxPool", x, **of_windows(said))


def avg_pool(x: Array, **said: Any) -> Value:
    return node("AveragePool", x, **of_windows(said))


def global_avg_pool(x: Array) -> Value:
    return node("GlobalAveragePool", x)


def batch_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    **said: Any,
) -> Value:
    known = {"eps": "epsilon", "momentum": "momentum", "training": "training_mode"}
    given = {known[n]: int(v) if n == "training" else v for n, v in said.items()}
    return node("BatchNormalization", x, gamma, beta, running_mean, running_var, **given)


def instance_norm(
    x: Array, gamma: Array | None = None, beta: Array | None = None, eps: float | None = None
) -> Value:
    return node("InstanceNormalization", x, gamma, beta, epsilon=eps)


def group_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    num_groups: int | None = None,
    eps: float | None = None,
) -> Value:
    return node("GroupNormalization", x, gamma, beta, num_groups=num_groups, epsilon=eps)


def layer_norm(
    x: Array, gamma: Array | None = None, beta: Array | None = None, eps: float | None = None
) -> Value:
    return node("LayerNormalization", x, gamma, beta, epsilon=eps)


def flatten(x: Array) -> Value:
    return node("Flatten", x)


def concat(x: Array, y: Array, z: Array | None = None) -> Value:
    parts = [part for part in (x, y, z) if part is not None]
    return node("Concat", *parts, axis=1)


def add(x: Array, y: Array) -> Value:
    return node("Add", x, y)


def softmax(x: Array, dim: int | None = None) -> Value:
    return node("Softmax", x, axis=dim)


def log_softmax(x: Array, dim: int | None = None) -> Value:
    return node("LogSoftmax", x, axis=dim)


def softmax_cross_entropy(
    x: Array, y: Array, reduction: str | None = None, ignore_index: int | None = None
) -> Value:
    return node("SoftmaxCrossEntropyLoss", x, y, reduction=reduction, ignore_index=ignore_index)


def relu(x: Array) -> Value:
    return node("Relu", x)


def leaky_relu(x: Array, negative_slope: float | None = None) -> Value:
    return node("LeakyRelu", x, alpha=negative_slope)


def sigmoid(x: Array) -> Value:
    return node("Sigmoid", x)


def interpolate(x: Array, size: Any, mode: str | None = None) -> Value:
    """What is not said: the nearest pixel, of halves the one below."""
    named = "linear" if mode == "bilinear" else mode
    return node("Resize", x, None, None, np.array([*x.shape[:2], *size]), mode=named)


def tanh(x: Array) -> Value:
    return node("Tanh", x)


def gelu(x: Array, approximate: str | None = None) -> Value:
    return node("Gelu", x, approximate=approximate)


def elu(x: Array, alpha: float | None = None) -> Value:
    return node("Elu", x, alpha=alpha)


def softplus(x: Array) -> Value:
    return node("Softplus", x)


def answer(asked: Asked) -> Mapping[str, Array]:
    """The outputs alone."""
    function = function_for(globals(), asked, "ONNX")
    return run(named(function(**asked.inputs, **asked.said)))


def table(asked: Bits) -> Mapping[str, Array]:
    """Numbers of 16 bits; no kernel takes bfloat16 here."""
    if asked.kind != "float16":
        raise Lacking(f"ONNX Runtime's kernels for processors take no {asked.kind}")
    function = function_for(globals(), asked.asked, "ONNX")
    out = run(named(function(asked.bits.view(np.float16), **asked.said)))["out"]
    return {"out": out.view(np.int16)}


# ---------------------------------------------------------------------- of one axis, and of three


def of_row(given: Mapping[str, Any]) -> dict[str, Any]:
    """What of_windows made, along the one row of an image."""
    made = {n: v[1:] if isinstance(v, tuple) else v for n, v in given.items()}
    return made | ({"pads": given["pads"][1::2]} if "pads" in given else {})


def of_volume(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same for images as volumes that are a pixel deep."""
    made = {
        n: (int(n != "output_padding"), *v) if isinstance(v, tuple) else v for n, v in given.items()
    }
    top, left, bottom, right = given.get("pads", (0, 0, 0, 0))
    return made | ({"pads": [0, top, left, 0, bottom, right]} if "pads" in given else {})


def written(kind: str, along: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Array]]:
    """An operator whose attributes are those about images, along other axes."""

    def asked(*given: Array, **said: Any) -> dict[str, Array]:
        return run(named(node(kind, *given, **along(of_windows(said)))))

    return asked


def of_one_axis() -> dict[str, Callable[..., Any]]:
    return {
        "conv2d": of_rows(written("Conv", of_row), dict),
        "conv2d_transpose": of_rows(written("ConvTranspose", of_row), dict, enlarges=True),
        "max_pool": of_rows(written("MaxPool", of_row), dict),
        "avg_pool": of_rows(written("AveragePool", of_row), dict),
    }


def of_three_axes() -> dict[str, Callable[..., Any]]:
    return {
        "conv2d": of_volumes(written("Conv", of_volume), dict),
        "conv2d_transpose": of_volumes(written("ConvTranspose", of_volume), dict),
        "max_pool": of_volumes(written("MaxPool", of_volume), dict),
        "avg_pool": of_volumes(written("AveragePool", of_volume), dict),
    }


def instead(functions: Mapping[str, Callable[..., Any]], asked: Asked) -> Mapping[str, Array]:
    """By the same operators along other axes."""
    function = function_for(functions, asked, "this part of ONNX")
    return dict(function(**asked.inputs, **asked.said))


VARIANTS = {
    "1d": lambda asked: instead(of_one_axis(), asked),
    "3d": lambda asked: instead(of_three_axes(), asked),
}
ENVIRONMENT = {"": {"MALLOC_PERTURB_": "85"}}
