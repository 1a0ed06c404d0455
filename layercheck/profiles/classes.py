"""Layer objects: `Conv2D(...)` with parameters as attributes, `forward(x)` and `backward(dout)`.

Parameters are set after construction; the order of a weight's axes is told by the object's own
initial weight. Gradients are what backward returns, or attributes: dW, db, grads["W"], W.grad.
Images are in any layout of layouts.py; where the text says none, those are tried.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from . import ops
from .layer_calls import with_object
from .layer_classes import Layer, layers
from .layer_objects import HOLDERS
from .layouts import layout_of, settled_shapes
from .profile import Answer, Array, Call, Namespace, NotImplementedYet, Target
from .randomness import with_known_mask
from .signatures import Argument, kinds, literal, match, word_as_written
from .sources import load

__all__ = ["DESCRIPTION", "NAME", "load", "recognise", "targets"]

NAME = "classes"
DESCRIPTION = "classes named as layers, Conv2D, Dense, BatchNorm2d, ..., with forward and backward"

CONSTRUCTOR: dict[str, tuple[str, ...]] = {
    "channels": ("in_channels", "in_ch", "input_channels", "in_c", "c_in", "channels_in", "n_in",
                 "channels", "num_channels", "n_channels", "input_depth", "in_dim", "nin", "c"),
    "filters": ("out_channels", "filters", "num_filters", "n_filters", "out_ch", "out_c", "c_out",
                "channels_out", "n_out", "output_channels", "num_kernels", "out_dim", "nout",
                "depth", "f", "out_features", "output_size", "units", "output_dim", "out_size",
                "n_output", "neurons", "fan_out", "n_outputs", "n_neurons", "m"),
    "features": ("in_features", "input_size", "input_dim", "in_dim", "n_in", "in_size", "nin",
                 "n_input", "fan_in", "n_inputs", "num_inputs", "d", "num_features", "n_features",
                 "features", "dim", "channels", "num_channels", "normalized_shape", "size", "c",
                 "in_channels", "n_channels"),
    "kernel_size": ("kernel_size", "filter_size", "kernel", "size", "ksize", "k", "filter_shape",
                    "kernel_shape", "pool_size", "field"),
    "bias": ("bias", "use_bias"),
    "input_shape": ("input_shape",),
}  # fmt: skip
SIZES = {
    "conv2d": ("channels", "filters", "kernel_size", "bias", "input_shape"),
    "conv2d_transpose": ("channels", "filters", "kernel_size", "bias", "input_shape"),
    "affine": ("features", "filters", "bias"),
    "group_norm": ("features",), "layer_norm": ("features",), "batch_norm": ("features",),
    "batch_norm_1d": ("features",), "instance_norm": ("features",),
    "max_pool": ("kernel_size", "input_shape"), "avg_pool": ("kernel_size", "input_shape"),
}  # fmt: skip
RATES = ("lr", "learning_rate", "learn_rate", "eta", "alpha", "step_size")


# ---------------------------------------------------------------------- read from the source


def recognise(tree: ast.Module) -> int:
    """How many methods of layers, forward or backward, the file defines."""
    return sum(bool(layer.forward) + bool(layer.backward) for layer in layers(tree))


def targets(tree: ast.Module, source: str) -> list[Target]:
    """One for each layer, in the order of the file."""
    return [make_target(tree, layer) for layer in layers(tree)]


def make_target(tree: ast.Module, layer: Layer) -> Target:
    """The target of one class."""
    op, given = layer.op, layer.arguments("__init__")
    init, lacking = constructor(op, given)
    setters = {n: own for n in ("eps", "momentum", "p", "negative_slope") if n not in init
               for own in ops.names_of(op, n) if own in layer.attributes
               and n in ops.OPS[op].defaults}  # fmt: skip
    flow = forward_arguments(layer)
    parameters = parameter_paths(layer)
    by_name = {a.name: a for a in given}
    options: dict[str, Any] = {
        "class": layer.name, "init": init, "set": setters, "unknown": lacking,
        "forward": layer.forward, "backward": layer.backward, "inputs": flow,
        "parameters": parameters, "running": running_names(layer), "layout": layout_of(tree, layer),
        "gradient": backward_roles(layer), **dict(training_of(layer, init, flow)),
        **dict(rules(layer, init)),
        "words": {w: word_as_written(layer.text, w) for w in ("same", "valid")},
    }  # fmt: skip
    known = {*init, *setters, *flow} | ({"training"} if "training" in options else set())
    forms = {n: kinds(layer.text, by_name[own]) for n, own in init.items()
             if n in ops.SPATIAL and n in ops.OPS[op].defaults}  # fmt: skip
    return Target(
        op, f"{layer.name}.{layer.forward}",
        f"{layer.name}.{layer.backward}" if layer.backward else "", "call", options,
        fixed={n: 2 if v == ops.REQUIRED else v for n, v in ops.OPS[op].defaults.items()
               if n not in known and n != "mask_seed"},
        absent=tuple(absent(layer, parameters, flow, options["running"])),
        kinds=forms,
        square=("w",) if only_square(layer, init, by_name) else (),
        shapes=settled_shapes(op, options["layout"]),
        forward_only={"training": False} if op.startswith("batch_norm") else {},
    )  # fmt: skip


def constructor(op: str, given: Sequence[Argument]) -> tuple[dict[str, str], list[str]]:
    """Sizes and attributes with the constructor's names for them, and what is not understood."""
    found: dict[str, str] = {}
    for size in SIZES.get(op, ()):
        free = {a.name.lower(): a.name for a in given if a.name not in found.values()}
        alias = next((n for n in CONSTRUCTOR[size] if n in free), None)
        if alias is not None:
            found[size] = free[alias]
    marked = [Argument("", True), *given]  # nothing here is x
    matched = match(op, marked, {**found, "x": ""})
    inputs = ops.OPS[op].inputs
    init = {n: own for n, own in matched.items() if own and n not in inputs}
    lacking = [a.name for a in given if not a.optional and a.name not in init.values()]
    return init, lacking


def only_square(layer: Layer, init: Mapping[str, str], by_name: Mapping[str, Argument]) -> bool:
    """Whether kernels are given by one number."""
    if not layer.op.startswith("conv2d") or "kernel_size" not in init:
        return False
    return "pair" not in kinds(layer.text, by_name[init["kernel_size"]])


def forward_arguments(layer: Layer) -> dict[str, str]:
    """The arguments of forward: inputs that are no parameters of the layer."""
    arguments = layer.arguments(layer.forward)
    matched = match(layer.op, arguments, {})
    wanted = ("x", "y", "mask", "training") + ("z",) * (layer.op == "concat")
    return {name: own for name, own in matched.items() if name in wanted}


def parameter_paths(layer: Layer) -> dict[str, list[str]]:
    """Where each parameter is kept: ["W"], or ["params", "W"]."""
    found: dict[str, list[str]] = {}
    keys = dict_keys(layer.text)
    for name in ("w", "b", "gamma", "beta"):
        if name not in ops.OPS[layer.op].inputs:
            continue
        own = [a for alias in ops.names_of(layer.op, name) for a in sorted(layer.attributes)
               if a.lower() == alias and [a] not in found.values()]  # fmt: skip
        held = [
            [h, k]
            for h in HOLDERS
            if h in layer.attributes
            for alias in ops.names_of(layer.op, name)
            for k in keys
            if k.lower() == alias
        ]
        if held or own:
            found[name] = held[0] if held else [own[0]]
    return found


def dict_keys(text: ast.AST) -> list[str]:
    """Every string that indexes something or is a key of a dict."""
    found: list[Any] = []
    for node in ast.walk(text):
        if isinstance(node, ast.Subscript):
            found.append(literal(node.slice))
        elif isinstance(node, ast.Dict):
            found += [literal(key) for key in node.keys]
    return sorted({key for key in found if isinstance(key, str)})


def running_names(layer: Layer) -> dict[str, str]:
    """The attributes with running statistics."""
    return {
        name: own
        for name in ("running_mean", "running_var")
        for own in ops.names_of(layer.op, name)[::-1]
        if own in layer.attributes
    }


def absent(
    layer: Layer, parameters: Mapping[str, Any], flow: Mapping[str, str], running: Mapping[str, str]
) -> Iterator[str]:
    """Optional inputs that a layer has no place for; where a case lacks one, it is neutral."""
    for name in ops.OPS[layer.op].optional:
        if name not in parameters and name not in flow and name not in running and name != "mask":
            yield name


def training_of(
    layer: Layer, init: Mapping[str, str], flow: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    """How the layer learns whether it trains: an argument, an attribute, or train() and eval()."""
    if "training" not in ops.OPS[layer.op].defaults or "training" in flow or "training" in init:
        return iter(())
    names = [n for n in ("training", "train", "is_training", "train_mode", "mode")
             if n in layer.attributes and n not in layer.methods]  # fmt: skip
    if names:
        return iter([("training", ["attribute", names[0]])])
    if "eval" in layer.methods:
        return iter([("training", ["methods", "train", "eval"])])
    modes = [a for a in layer.arguments(layer.forward) if a.name == "mode"]
    return iter([("training", ["mode", "mode"])] if modes else [])


def rules(layer: Layer, init: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Options for arrays that are made of fewer axes, and for momentum and p."""
    if layer.op in ("softmax", "log_softmax", "layer_norm"):
        yield "rows", 1
    own = init.get("momentum")
    defaults = [a.default for a in layer.arguments("__init__") if a.name == own]
    default = defaults[0] if defaults else constant_of(layer.text, "momentum")
    if isinstance(default, float) and default >= 0.5:
        yield "momentum", "decay"
    if "keep" in init.get("p", ""):
        yield "p", "keep"


def constant_of(text: ast.AST, attribute: str) -> Any:
    """The literal that a `self.attribute = ...` assigns."""
    for node in ast.walk(text):
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Attribute) and t.attr == attribute for t in node.targets
        ):
            return literal(node.value)
    return None


def backward_roles(layer: Layer) -> dict[str, str]:
    """What each argument of backward gets: dout, rate, or an input's name."""
    found: dict[str, str] = {}
    for place, argument in enumerate(layer.arguments(layer.backward)):
        name = argument.name.lower()
        if name in RATES:
            found[argument.name] = "rate"
        elif (
            name in ("y", "labels", "target", "targets", "y_true")
            and "y" in ops.OPS[layer.op].inputs
        ):
            found[argument.name] = "y"
        elif layer.op in ops.LOSSES and name in ("x", "logits", "scores", "y_pred", "pred"):
            found[argument.name] = "x"
        elif place == 0:
            found[argument.name] = "dout"
        elif not argument.optional:
            found[argument.name] = "unknown"
    return found


# ---------------------------------------------------------------------- calls


def call(namespace: Namespace, call: Call, target: Target) -> Answer:
    """The adapter: construct, set parameters, forward, backward."""
    if target.options["unknown"]:
        names = ", ".join(target.options["unknown"])
        raise TypeError(f"{target.options['class']}: nothing is known for the argument {names} of "
                        f"its constructor")  # fmt: skip
    if target.options.get("momentum") == "decay":
        momentum = 1 - call.attributes["momentum"]
        call.note(f"convention: {target.forward}: momentum is the share of the old statistics")
        call = replace(call, attributes={**call.attributes, "momentum": momentum})
    if call.op == "dropout" and call.attributes["training"]:
        return dropout(namespace, call, target)
    return in_layouts(namespace, call, target)


def dropout(namespace: Namespace, call: Call, target: Target) -> Answer:
    """A dropout draws its own mask: its random numbers are chosen."""
    said = target.options.get("p", "drop")

    def run(own: Call, p: float) -> Answer:
        return in_layouts(namespace, replace(own, attributes={**own.attributes, "p": p}), target)

    meanings = (said, "drop" if said == "keep" else "keep")
    meaning, answer = with_known_mask(call, meanings, run, lambda: [namespace])  # type: ignore[list-item]
    if meaning == "keep":
        call.note(f"convention: {target.forward}: p is the probability to keep")
    return answer


def in_layouts(namespace: Namespace, call: Call, target: Target) -> Answer:
    """The answer in the declared layout, or in the first one whose output has the right shape."""
    layout = target.options["layout"]
    choices = ("NCHW", "NHWC", "CHW", "HWC") if layout == "auto" else (layout,)
    tried: list[Exception] = []
    for choice in choices:
        try:
            answer = in_layout(namespace, call, target, choice)
        except NotImplementedYet:
            raise
        except Exception as error:
            if len(choices) == 1:
                raise
            tried.append(error)
            continue
        if len(choices) == 1 or fits_layout(call, answer):
            if choice not in ("", "NCHW"):
                call.note(f"{target.options['class']}: images are {choice}")
            return answer
    raise (
        tried[0] if tried else ValueError(f"{target.forward}: out has a wrong shape in any layout")
    )


def fits_layout(call: Call, answer: Answer) -> bool:
    """Whether out has the shape of dout, or without one the right batch and channels."""
    shape, x = np.shape(answer["out"]), call.inputs["x"]
    if call.dout is not None:
        return shape == call.dout.shape
    w = call.inputs.get("w")
    channels = x.shape[1] if w is None else w.shape[0]
    return shape[:2] == (x.shape[0], channels)


def in_layout(namespace: Namespace, call: Call, target: Target, layout: str) -> Answer:
    """The answer with arrays in this layout, sample by sample where it is one of single images."""
    if len(layout) not in (2, 3):
        return with_object(namespace, call, target, layout)
    answers = [
        with_object(namespace, sample(call, i), target, layout)
        for i in range(call.inputs["x"].shape[0])
    ]
    together: Answer = {}
    for name in answers[0]:
        values = [answer[name] for answer in answers]
        joined = np.concatenate if name in ("out", "dx") else total
        together[name] = joined(values)
    return together


def total(values: Sequence[Array]) -> Array:
    """The gradient of a parameter over all samples."""
    return np.sum(np.stack(values), axis=0, dtype=values[0].dtype)


def sample(call: Call, i: int) -> Call:
    """The call for one sample of the batch."""
    dout = None if call.dout is None else call.dout[i : i + 1]
    return replace(call, inputs={**call.inputs, "x": call.inputs["x"][i : i + 1]}, dout=dout)
