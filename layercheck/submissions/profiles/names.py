"""What a profile has to know of each op: its arrays and attributes, and the names people give them.

The facts are those of `ref_layers`, which is not here in the child: the parent hands them over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

REQUIRED = "required"
"""Stands for the default of an attribute that has none."""


@dataclass(frozen=True)
class OpFacts:
    """inputs: arrays in order · optional: those that may be left out · fixed: those without a
    gradient · targets: what a loss compares its scores with · labels: those of them that are whole
    numbers · layout: whether it matters which axis of an
    image is which · of_last_axes: whether only the last axes are computed together · attributes:
    with their defaults · outputs."""

    inputs: tuple[str, ...]
    optional: tuple[str, ...]
    fixed: tuple[str, ...]
    targets: tuple[str, ...]
    labels: tuple[str, ...]
    layout: bool
    of_last_axes: bool
    attributes: Mapping[str, Any]
    outputs: tuple[str, ...]

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The inputs that have a gradient."""
        return tuple(name for name in self.inputs if name not in self.fixed)


OPS: dict[str, OpFacts] = {}
"""Every op by name; empty until `install`."""


def install(table: Mapping[str, Mapping[str, Any]]) -> None:
    """Take the facts from the parent."""
    OPS.clear()
    for name, facts in table.items():
        given: dict[str, Any] = dict(facts)
        given.update({key: tuple(value) for key, value in given.items() if type(value) is list})
        OPS[name] = OpFacts(**given)
    by_name.cache_clear()


SPATIAL = ("stride", "padding", "dilation", "kernel_size", "output_padding", "size")
"""Attributes that may be one integer or a pair."""

OTHER_NAMES = {
    "add": "residual_add",
    "affine": "linear dense fully_connected fc",
    "avg_pool": "avg_pool2d average_pool mean_pool",
    "batch_norm": "batch_norm2d",
    "bce_with_logits": "binary_cross_entropy_with_logits sigmoid_cross_entropy "
    "sigmoid_cross_entropy_with_logits bce_with_logits_loss",
    "concat": "cat concatenate",
    "conv2d": "conv convolution2d convolve2d convolution",
    "conv2d_transpose": "conv_transpose2d conv_transpose deconv2d",
    "global_avg_pool": "global_avg_pool2d global_average_pool",
    "instance_norm": "instance_norm2d",
    "interpolate": "resize upsample resize2d upsample2d",
    "max_pool": "max_pool2d max_pooling2d",
    "rms_norm": "rms_normalization",
    "silu": "swish",
    "pad": "pad2d zero_pad zero_pad2d",
    "soft_cross_entropy": "soft_target_cross_entropy",
    "softmax_cross_entropy": "cross_entropy cross_entropy_loss",
    "svm_loss": "hinge_loss multiclass_hinge_loss",
}
"""What functions and classes of an op are called beside its own name, underscores aside."""

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "x": ("x", "input", "inputs", "inp", "images", "image", "data", "logits", "scores", "a", "z"),
    "w": ("w", "weight", "weights", "kernel", "kernels", "filters", "filter", "filt"),
    "w_depth": ("w_depth", "depthwise_kernel", "depthwise_filter"),
    "w_point": ("w_point", "pointwise_kernel", "pointwise_filter"),
    "b": ("b", "bias", "biases"),
    "y": ("y", "target", "targets", "labels", "label", "t"),
    "gamma": ("gamma", "weight", "scale", "g"),
    "beta": ("beta", "bias", "shift", "offset", "b"),
    "running_mean": ("running_mean", "moving_mean", "run_mean"),
    "running_var": ("running_var", "moving_var", "moving_variance", "run_var"),
    "mask": ("mask", "keep"),
    "stride": ("stride", "strides", "step"),
    "padding": ("padding", "pad", "pads", "p", "pad_width"),
    "dilation": ("dilation", "dilations", "dilation_rate"),
    "groups": ("groups", "group", "num_groups", "n_groups"),
    "kernel_size": ("kernel_size", "kernel", "pool_size", "ksize", "size", "window", "k"),
    "size": ("size", "output_size", "out_size", "new_size", "target_size"),
    "dim": ("dim", "axis"),
    "eps": ("eps", "epsilon"),
    "momentum": ("momentum", "decay"),
    "training": ("training", "train", "is_training", "train_mode", "train_flg", "train_flag"),
    "p": (
        "p",
        "rate",
        "drop_prob",
        "prob",
        "drop_rate",
        "p_drop",
        "keep_prob",
        "dropout_ratio",
        "dropout_rate",
    ),
    "mask_seed": ("mask_seed", "seed"),
    "num_groups": ("num_groups", "groups", "g", "n_groups"),
    "negative_slope": ("negative_slope", "alpha", "slope"),
    "normalized_dims": ("normalized_dims", "normalized_shape"),
    "margin": ("margin", "delta"),
    "value": ("value", "constant_values", "fill"),
    "label_smoothing": ("label_smoothing", "smoothing"),
    "pos_weight": ("pos_weight", "positive_weight"),
}
"""What arguments are called; the op's own name is always one of them."""

DOUT = (
    "dout",
    "grad_output",
    "grad_out",
    "grad",
    "dy",
    "dz",
    "d_out",
    "upstream",
    "upstream_grad",
    "delta",
    "gradient",
    "g",
    "grad_outputs",
    "dl_dout",
    "dvalues",
)
CACHE = ("cache", "ctx", "saved", "context", "memory", "tape", "state", "residuals")
OUT = ("out", "output", "y", "result", "probs")

ANSWERS = ("a", "act", "h", "p", "s", "t", "sig", "yhat")
"""What an activation's own result is called for short."""


def says_out(name: str) -> bool:
    """Whether an argument's name says that it is what the forward gave."""
    lower = plain(name)
    long = ("out", "activation", "prob", "softmax", "result")
    return lower in (*OUT, *ANSWERS) or any(part in lower for part in long)


def names_of(op: str, argument: str) -> tuple[str, ...]:
    """The names that an argument of this op may have, the likeliest first."""
    return tuple(dict.fromkeys((argument, *ARGUMENTS.get(argument, ()))))


def op_named(name: str) -> str:
    """The op of a function's or a class's name; empty if there is none."""
    return by_name().get(plain(name), "")


ENDINGS = ("forward", "fwd", "naive", "backward", "bwd", "grad")


def op_meant(name: str) -> str:
    """The op that a function's or a class's name seems to mean, endings and methods aside; empty if
    it means none."""
    stem = name.partition(".")[0].lower()
    for ending in (e for _ in ENDINGS for e in ENDINGS):
        stem = stem.removesuffix(f"_{ending}")
    return op_named(stem)


@cache
def by_name() -> dict[str, str]:
    """The op of every name that is known, underscores aside."""
    return {plain(name): op for op in OPS for name in (op, *OTHER_NAMES.get(op, "").split())}


def plain(name: str) -> str:
    """Without case and underscores."""
    return name.lower().replace("_", "")
