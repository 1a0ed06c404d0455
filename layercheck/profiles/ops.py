"""What a profile has to know of each op: its arrays and attributes, and the names people give them.

The same facts as in `ref_layers`, which is not here in the child; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REQUIRED = "required"
"""Stands for the default of an attribute that has none."""


@dataclass(frozen=True)
class OpFacts:
    """inputs: arrays in order · optional: those that may be left out · fixed: those without a
    gradient · attributes: with their defaults · outputs."""

    inputs: tuple[str, ...]
    optional: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    attributes: Mapping[str, Any] | None = None
    outputs: tuple[str, ...] = ("out",)

    @property
    def defaults(self) -> Mapping[str, Any]:
        return self.attributes or {}

    @property
    def differentiable(self) -> tuple[str, ...]:
        return tuple(name for name in self.inputs if name not in self.fixed)


_BATCH_NORM = OpFacts(
    ("x", "gamma", "beta", "running_mean", "running_var"),
    ("gamma", "beta", "running_mean", "running_var"),
    ("running_mean", "running_var"),
    {"training": True, "momentum": 0.1, "eps": 1e-5, "unbiased_running_var": True},
    ("out", "running_mean", "running_var"),
)
_NORM = {"inputs": ("x", "gamma", "beta"), "optional": ("gamma", "beta")}
_CONV = {"inputs": ("x", "w", "b"), "optional": ("b",)}

OPS: dict[str, OpFacts] = {
    "add": OpFacts(("x", "y")),
    "affine": OpFacts(("x", "w", "b"), ("b",)),
    "avg_pool": OpFacts(
        ("x",),
        attributes={"kernel_size": REQUIRED, "stride": None, "padding": 0, "ceil_mode": False,
                    "count_include_pad": True, "divisor_override": None},
    ),
    "batch_norm": _BATCH_NORM,
    "batch_norm_1d": _BATCH_NORM,
    "concat": OpFacts(("x", "y", "z"), ("z",)),
    "conv2d": OpFacts(
        **_CONV, attributes={"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    ),
    "conv2d_transpose": OpFacts(
        **_CONV,
        attributes={"stride": 1, "padding": 0, "output_padding": 0, "output_size": None,
                    "dilation": 1, "groups": 1},
    ),
    "dropout": OpFacts(
        ("x", "mask"), ("mask",), ("mask",), {"p": 0.5, "training": True, "mask_seed": 0}
    ),
    "flatten": OpFacts(("x",), attributes={"start_dim": 1, "channels_last": False}),
    "gelu": OpFacts(("x",), attributes={"approximate": "none"}),
    "global_avg_pool": OpFacts(("x",), attributes={"keepdims": True}),
    "group_norm": OpFacts(**_NORM, attributes={"num_groups": REQUIRED, "eps": 1e-5}),
    "instance_norm": OpFacts(**_NORM, attributes={"eps": 1e-5}),
    "layer_norm": OpFacts(**_NORM, attributes={"normalized_dims": 1, "eps": 1e-5}),
    "leaky_relu": OpFacts(("x",), attributes={"negative_slope": 0.01}),
    "log_softmax": OpFacts(("x",), attributes={"dim": -1}),
    "max_pool": OpFacts(
        ("x",),
        attributes={"kernel_size": REQUIRED, "stride": None, "padding": 0, "dilation": 1,
                    "ceil_mode": False, "return_indices": False},
        outputs=("out", "indices"),
    ),
    "pad": OpFacts(("x",), attributes={"padding": REQUIRED, "value": 0.0}),
    "relu": OpFacts(("x",)),
    "separable_conv2d": OpFacts(
        ("x", "w_depth", "w_point", "b"),
        ("b",),
        attributes={"stride": 1, "padding": 0, "dilation": 1},
    ),
    "sigmoid": OpFacts(("x",)),
    "softmax": OpFacts(("x",), attributes={"dim": -1}),
    "softmax_cross_entropy": OpFacts(
        ("x", "y"),
        fixed=("y",),
        attributes={"reduction": "mean", "label_smoothing": 0.0, "ignore_index": -100},
    ),
    "svm_loss": OpFacts(("x", "y"), fixed=("y",), attributes={"margin": 1.0, "reduction": "mean"}),
    "tanh": OpFacts(("x",)),
}  # fmt: skip

LOSSES = ("softmax_cross_entropy", "svm_loss")
SPATIAL = ("stride", "padding", "dilation", "kernel_size", "output_padding")
"""Attributes that may be one integer or a pair."""

NAMES: dict[str, tuple[str, ...]] = {
    "add": ("add", "residual_add"),
    "affine": ("affine", "linear", "dense", "fully_connected", "fc"),
    "avg_pool": ("avg_pool", "avg_pool2d", "avgpool", "avgpool2d", "average_pool", "mean_pool"),
    "batch_norm": ("batch_norm", "batch_norm2d", "batchnorm", "batchnorm2d", "batch_norm_2d"),
    "batch_norm_1d": ("batch_norm_1d", "batch_norm1d", "batchnorm1d"),
    "concat": ("concat", "cat", "concatenate"),
    "conv2d": ("conv2d", "conv_2d", "conv", "convolution2d", "convolve2d", "convolution"),
    "conv2d_transpose": ("conv2d_transpose", "conv_transpose2d", "conv_transpose", "deconv2d"),
    "dropout": ("dropout",),
    "flatten": ("flatten",),
    "gelu": ("gelu",),
    "global_avg_pool": ("global_avg_pool", "global_avg_pool2d", "global_average_pool"),
    "group_norm": ("group_norm", "groupnorm"),
    "instance_norm": ("instance_norm", "instancenorm", "instance_norm2d"),
    "layer_norm": ("layer_norm", "layernorm"),
    "leaky_relu": ("leaky_relu", "leakyrelu"),
    "log_softmax": ("log_softmax", "logsoftmax"),
    "max_pool": ("max_pool", "max_pool2d", "maxpool", "maxpool2d", "max_pooling2d", "max_pool_2d"),
    "pad": ("pad", "pad2d", "zero_pad", "zero_pad2d"),
    "relu": ("relu",),
    "separable_conv2d": ("separable_conv2d",),
    "sigmoid": ("sigmoid",),
    "softmax": ("softmax",),
    "softmax_cross_entropy": ("softmax_cross_entropy", "cross_entropy", "cross_entropy_loss"),
    "svm_loss": ("svm_loss", "hinge_loss", "multiclass_hinge_loss"),
    "tanh": ("tanh",),
}
"""What functions of each op are called; classes are the same without underscores."""

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "x": ("x", "input", "inputs", "inp", "images", "image", "data", "logits", "scores", "a", "z"),
    "w": ("w", "weight", "weights", "kernel", "kernels", "filters", "filter", "filt"),
    "b": ("b", "bias", "biases"),
    "y": ("y", "target", "targets", "labels", "label"),
    "gamma": ("gamma", "weight", "scale", "g"),
    "beta": ("beta", "bias", "shift", "offset", "b"),
    "running_mean": ("running_mean", "moving_mean", "run_mean"),
    "running_var": ("running_var", "moving_var", "moving_variance", "run_var"),
    "mask": ("mask", "keep"),
    "stride": ("stride", "strides", "step"),
    "padding": ("padding", "pad", "pads", "p", "pad_width"),
    "dilation": ("dilation", "dilations", "dilation_rate"),
    "groups": ("groups", "group"),
    "kernel_size": ("kernel_size", "kernel", "pool_size", "ksize", "size", "window", "k"),
    "dim": ("dim", "axis"),
    "eps": ("eps", "epsilon"),
    "momentum": ("momentum", "decay"),
    "training": ("training", "train", "is_training", "train_mode"),
    "p": ("p", "rate", "drop_prob", "prob", "drop_rate", "p_drop", "keep_prob"),
    "mask_seed": ("mask_seed", "seed"),
    "num_groups": ("num_groups", "groups", "g", "n_groups"),
    "negative_slope": ("negative_slope", "alpha", "slope"),
    "normalized_dims": ("normalized_dims", "normalized_shape"),
    "margin": ("margin", "delta"),
    "value": ("value", "constant_values", "fill"),
    "label_smoothing": ("label_smoothing", "smoothing"),
}
"""What arguments are called; the op's own name is always one of them."""

DOUT = ("dout", "grad_output", "grad_out", "grad", "dy", "dz", "d_out", "upstream", "upstream_grad",
        "delta", "gradient", "g", "grad_outputs", "dl_dout", "dvalues")  # fmt: skip
CACHE = ("cache", "ctx", "saved", "context", "memory", "tape", "state", "residuals")
OUT = ("out", "output", "y", "result", "probs")


def names_of(op: str, argument: str) -> tuple[str, ...]:
    """The names that an argument of this op may have, the likeliest first."""
    return tuple(dict.fromkeys((argument, *ARGUMENTS.get(argument, ()))))


def op_named(name: str) -> str:
    """The op of a function's or a class's name; empty if there is none.

    >>> op_named("conv_transpose2d"), op_named("MaxPool2D"), op_named("train")
    ('conv2d_transpose', 'max_pool', '')
    """
    return BY_NAME.get(plain(name), "")


def plain(name: str) -> str:
    return name.lower().replace("_", "")


BY_NAME = {plain(name): op for op, names in NAMES.items() for name in names}
