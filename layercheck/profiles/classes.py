"""Layer objects: `Conv2D(...)` with parameters as attributes, `forward(x)` and `backward(dout)`.

Parameters are set after construction; the order of a weight's axes is told by the object's own
initial weight. Gradients are what backward returns, or attributes: dW, db, grads["W"], W.grad.
Images are NCHW, NHWC, or one image at a time, (C, H, W), (H, W, C) or (H, W): as a constant or
attribute `data_format`, a docstring or the names in `n, c, h, w = x.shape` say; else by trying.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import ops
from .layer_objects import (
    HOLDERS,
    Place,
    construct,
    constructor_sizes,
    kept_gradient,
    vars_of,
    weight_views,
)
from .profile import Answer, Array, Call, Namespace, NotImplementedYet, Target
from .randomness import GENERATORS, Stream, with_known_mask
from .signatures import (
    Argument,
    arguments_of,
    functions_of,
    kinds,
    literal,
    match,
    word_as_written,
)
from .sources import invoke, load
from .views import View, rows

__all__ = ["DESCRIPTION", "NAME", "load", "recognise", "targets"]

NAME = "classes"
DESCRIPTION = "classes named as layers, Conv2D, Dense, BatchNorm2d, ..., with forward and backward"

FORWARD = ("forward", "__call__", "call", "forward_pass", "forward_propagation")
BACKWARD = ("backward", "backward_pass", "backward_propagation", "backprop", "bwd")

CLASS_NAMES = {
    "batchnormalization": "batch_norm", "batchnorm1d": "batch_norm_1d",
    "batchnormalization2d": "batch_norm", "batchnormalization1d": "batch_norm_1d",
    "layernormalization": "layer_norm", "groupnormalization": "group_norm",
    "instancenorm2d": "instance_norm", "maxpooling": "max_pool", "averagepooling2d": "avg_pool",
    "averagepool2d": "avg_pool", "averagepooling": "avg_pool", "avgpooling2d": "avg_pool",
    "softmaxcrossentropyloss": "softmax_cross_entropy", "softmaxloss": "softmax_cross_entropy",
    "globalaveragepooling2d": "global_avg_pool", "convolutional": "conv2d", "svm": "svm_loss",
    "conv2dtranspose": "conv2d_transpose", "transposedconv2d": "conv2d_transpose",
}  # fmt: skip

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
IMAGES = ("conv2d", "conv2d_transpose", "max_pool", "avg_pool", "batch_norm", "group_norm",
          "instance_norm", "global_avg_pool", "pad", "separable_conv2d")  # fmt: skip
LAYOUT_AXES = {"NCHW": None, "NHWC": (0, 2, 3, 1), "CHW": None, "HWC": (1, 2, 0), "HW": None}
STEP = float(2**20)
"""A learning rate so large that the weight itself vanishes beside the step taken."""


# ---------------------------------------------------------------------- read from the source


@dataclass(frozen=True)
class Layer:
    """A class as its text shows it, its bases in the same file included."""

    name: str
    op: str
    node: ast.ClassDef
    text: ast.Module
    methods: Mapping[str, ast.FunctionDef]
    attributes: frozenset[str]

    @property
    def forward(self) -> str:
        return next((name for name in FORWARD if name in self.methods), "")

    @property
    def backward(self) -> str:
        return next((name for name in BACKWARD if name in self.methods), "")

    def arguments(self, method: str) -> list[Argument]:
        """The arguments of a method, without self."""
        found = self.methods.get(method)
        return [] if found is None else arguments_of(found, method=True)


def recognise(tree: ast.Module) -> int:
    """How many methods of layers, forward or backward, the file defines."""
    return sum(bool(layer.forward) + bool(layer.backward) for layer in layers(tree))


def targets(tree: ast.Module, source: str) -> list[Target]:
    """One for each layer, in the order of the file."""
    return [make_target(tree, layer) for layer in layers(tree)]


def layers(tree: ast.Module) -> list[Layer]:
    """The classes that are named as layers and have a forward."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    attach_methods(tree, classes)
    made = (make_layer(node, classes) for node in classes.values() if class_op(node.name))
    return [layer for layer in made if layer.forward]


def attach_methods(tree: ast.Module, classes: Mapping[str, ast.ClassDef]) -> None:
    """`Layer.backward = backward` after a class, as notebooks have it, makes it a method."""
    functions = functions_of(tree)
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Name):
            continue
        for place in node.targets:
            if isinstance(place, ast.Attribute) and isinstance(place.value, ast.Name):
                owner, function = classes.get(place.value.id), functions.get(node.value.id)
                if owner is not None and function is not None and function not in owner.body:
                    owner.body.append(function)


def class_op(name: str) -> str:
    """
    >>> class_op("Conv2DLayer"), class_op("BatchNormalization"), class_op("Trainer")
    ('conv2d', 'batch_norm', '')
    """
    short = re.sub(r"(layer|activation|module|op)$", "", ops.plain(name))
    own = CLASS_NAMES.get(short) or ops.BY_NAME.get(short, "")
    return own or CLASS_NAMES.get(ops.plain(name), "") or ops.op_named(name)


def make_layer(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> Layer:
    line = lineage(node, classes)
    methods = {m.name: m for one in line for m in one.body if isinstance(m, ast.FunctionDef)}
    text = ast.Module([*line], [])
    op = vectors_or_images(class_op(node.name), node.name, text)
    return Layer(node.name, op, node, text, methods, frozenset(assigned(text)))


def lineage(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """The class and its bases in the same file, the bases first."""
    bases = [classes[b.id] for b in node.bases if isinstance(b, ast.Name) and b.id in classes]
    return [one for base in bases if base is not node for one in lineage(base, classes)] + [node]


def assigned(text: ast.AST) -> Iterator[str]:
    """Names X of every `self.X`, and of assignments in class bodies."""
    for node in ast.walk(text):
        if isinstance(node, ast.Attribute) and is_self(node.value):
            yield node.attr
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                places = part.targets if isinstance(part, ast.Assign) else (
                    [part.target] if isinstance(part, ast.AnnAssign) else [])  # fmt: skip
                yield from (p.id for p in places if isinstance(p, ast.Name))


def is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def vectors_or_images(op: str, name: str, text: ast.AST) -> str:
    """A batch norm whose text averages over axis 0 alone is one of vectors."""
    if op != "batch_norm" or "2d" in name.lower():
        return op
    code = ast.unparse(text)
    images = any(part in code for part in ("2, 3", "0, 1, 2", "reshape", "transpose", ".ndim"))
    return "batch_norm_1d" if "axis=0" in code and not images else op


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


# ---------------------------------------------------------------------- layouts


def layout_of(tree: ast.Module, layer: Layer) -> str:
    """NCHW, NHWC, CHW, HWC or HW as the text says; `auto` if it does not."""
    if layer.op not in IMAGES:
        return ""
    return declared_layout(tree, layer) or unpacked_layout(layer) or "auto"


def declared_layout(tree: ast.Module, layer: Layer) -> str:
    """By a constant or attribute data_format, the constructor's default, or a docstring."""
    said = [a.default for a in layer.arguments("__init__") if a.name == "data_format"]
    for body in (layer.node.body, *(c.body for c in layer.text.body if isinstance(c, ast.ClassDef)),
                 tree.body):  # fmt: skip
        said += [literal(n.value) for n in body if isinstance(n, ast.Assign)
                 for t in n.targets if isinstance(t, ast.Name)
                 and t.id.lower() in ("data_format", "layout")]  # fmt: skip
    docs = [layer.node, layer.methods.get("__init__"), layer.methods[layer.forward], tree]
    said += [ast.get_docstring(node) or "" for node in docs if node is not None]
    return next((layout for text in said if (layout := layout_in(str(text)))), "")


def layout_in(text: str) -> str:
    """
    >>> layout_in("channels_last"), layout_in("x: (batch, height, width, channels)")
    ('NHWC', 'NHWC')
    >>> layout_in("one image, (H, W, C)"), layout_in("dout")
    ('HWC', '')
    """
    found = re.search(r"\b(NCHW|NHWC|channels_last|channels_first)\b", text)
    if found:
        return {"channels_last": "NHWC", "channels_first": "NCHW"}.get(found[1], found[1])
    for group in re.findall(r"\(([^()]*)\)", text):
        layout = letters([part.strip() for part in group.split(",")])
        if layout:
            return layout
    return ""


def letters(names: Sequence[str]) -> str:
    """The layout that names of sizes spell; empty if they spell none.

    >>> letters(["m", "n_H_prev", "n_W_prev", "n_C_prev"])
    'NHWC'
    >>> letters(["batch", "in_c", "in_h", "in_w"])
    'NCHW'
    """
    meanings = [letter(name) for name in names]
    if len(names) == 4 and meanings[0] not in ("C", "H", "W"):
        meanings[0] = "N"
    spelt = "".join(meanings)
    return spelt if spelt in LAYOUT_AXES and (spelt != "HW" or len(names) == 2) else ""


def letter(name: str) -> str:
    words = set(re.split(r"[_\W]+", name.lower()))
    for meaning, known in (
        ("H", {"h", "height", "rows", "hin", "ih", "xh"}),
        ("W", {"w", "width", "cols", "columns", "win", "iw", "xw"}),
        ("C", {"c", "ch", "channel", "channels", "depth", "cin", "ic", "chans", "d", "xc"}),
        ("N", {"n", "b", "bs", "batch", "m", "samples", "size"}),
    ):
        if words & known:
            return meaning
    return "?"


def unpacked_layout(layer: Layer) -> str:
    """By the names that forward gives to the sizes of its input."""
    arguments = layer.arguments(layer.forward)
    x = arguments[0].name if arguments else ""
    for method in layer.methods.values():
        for node in ast.walk(method):
            if isinstance(node, ast.Assign) and ast.unparse(node.value) in (
                f"{x}.shape",
                f"self.{x}.shape",
            ):
                for place in node.targets:
                    if isinstance(place, ast.Tuple):
                        layout = letters([ast.unparse(part) for part in place.elts])
                        if layout:
                            return layout
    return ""


def settled_shapes(op: str, layout: str) -> dict[str, tuple[int | None, ...]]:
    if op == "batch_norm_1d":
        return {"x": (None, None)}
    return {"x": (None, 1, None, None)} if layout == "HW" and op == "conv2d" else {}


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


def data_view(call: Call, target: Target, layout: str, shape: tuple[int, ...]) -> View:
    """How x or out is given to the object."""
    if len(layout) in (2, 3):
        inner = {"CHW": shape[1:], "HW": shape[2:]}.get(layout)
        if layout == "HW" and call.op == "conv2d" and shape[1] != 1:
            return View(shape, (0, 2, 3, 1), (shape[2], shape[3], shape[1]))
        if inner is not None:
            return View(shape, inner=inner)
        return View(shape, (0, 2, 3, 1), (shape[2], shape[3], shape[1]))
    if call.op == "affine" and len(shape) > 2:
        return View(shape, inner=(shape[0], int(np.prod(shape[1:]))))
    if "rows" in target.options:
        return rows(shape, target.options["rows"])
    return View(shape, LAYOUT_AXES.get(layout) if len(shape) == 4 else None)


def with_object(namespace: Namespace, call: Call, target: Target, layout: str) -> Answer:
    """One object, one forward, one backward."""
    x = call.inputs["x"]
    view = data_view(call, target, layout, x.shape)
    thing = construct(namespace, call, target, constructor_sizes(call, x.shape, layout))
    given = view.give(x)
    train(thing, call, target)
    views = set_parameters(namespace, call, target, layout, thing, given)
    with_stream(thing, namespace)
    answer: Answer = {"out": forward(thing, call, target, given)}
    view.give_back(given, x)
    out_view = data_view(call, target, layout, call.dout.shape) if call.dout is not None else None
    answer.update(running(thing, call, target))
    if call.dout is not None and out_view is not None and target.backward:
        gradients = backward(thing, call, target, out_view.give(call.dout), views)
        answer.update(gradients)
        answer.update(dx=view.take(answer["dx"])) if "dx" in answer else None
    answer["out"] = (out_view or guessed_view(view, layout, answer["out"])).take(answer["out"])
    return answer


def guessed_view(view: View, layout: str, out: Any) -> View:
    """The view of out where no dout tells its shape."""
    shape = np.shape(out)
    if layout == "NHWC" and len(shape) == 4:
        return View((shape[0], shape[3], shape[1], shape[2]), (0, 2, 3, 1))
    if layout == "HWC" and len(shape) == 3:
        return View((1, shape[2], shape[0], shape[1]), (0, 2, 3, 1), shape)
    if layout in ("CHW", "HW"):
        return View((1, *(1,) * (3 - len(shape)), *shape), inner=shape)
    return view if shape == view.given_shape else View(shape)


def with_stream(thing: Any, namespace: Namespace) -> None:
    """Generators that the object keeps are drawn from the same stream as NumPy's own."""
    stream = getattr(np.random.random, "__self__", None)
    if isinstance(stream, Stream):
        for name, value in vars_of(thing).items():
            if isinstance(value, GENERATORS):
                setattr(thing, name, stream)


def train(thing: Any, call: Call, target: Target) -> None:
    """Tell the object whether it trains."""
    how = target.options.get("training")
    if how is None:
        return
    training = bool(call.attributes["training"])
    if how[0] == "attribute":
        old = getattr(thing, how[1], None)
        setattr(
            thing, how[1], ("train" if training else "test") if isinstance(old, str) else training
        )
    elif how[0] == "methods":
        method = getattr(thing, how[1] if training else how[2], None)
        if callable(method):
            method()


def forward(thing: Any, call: Call, target: Target, given: Array) -> Any:
    """Call forward; the output alone of `out` or `(out, cache)`."""
    training = bool(call.attributes.get("training", True))
    values: dict[str, Any] = {**call.inputs, "training": training, "x": given}
    names = target.options["inputs"]
    arguments = {own: values[n] for n, own in names.items() if n in values}
    if target.options.get("training", [""])[0] == "mode":
        arguments["mode"] = "train" if values["training"] else "test"
    out = invoke(getattr(thing, target.options["forward"]), **arguments)
    out = out[0] if isinstance(out, (tuple, list)) and out else out
    if out is None:
        raise NotImplementedYet(target.forward)
    return np.asarray(out, dtype=given.dtype) if type(out) in (float, np.float64) else out


def running(thing: Any, call: Call, target: Target) -> Answer:
    """Running statistics as the object holds them after training."""
    if not call.attributes.get("training"):
        return {}
    names = {n: own for n, own in target.options["running"].items() if n in call.inputs}
    values = {name: getattr(thing, own, None) for name, own in names.items()}
    return {n: shaped(v, call.inputs[n].shape) for n, v in values.items() if v is not None}


def shaped(value: Any, shape: tuple[int, ...]) -> Any:
    """A vector that the layer keeps as (1, C, 1, 1) or the like."""
    fits = isinstance(value, np.ndarray) and value.size == int(np.prod(shape))
    return value.reshape(shape) if fits else value


# ---------------------------------------------------------------------- parameters and gradients


def set_parameters(
    namespace: Namespace, call: Call, target: Target, layout: str, thing: Any, given: Array
) -> dict[str, View]:
    """Put the case's arrays into the object; the view of each. A lazy layer is built first."""
    paths: dict[str, list[str]] = target.options["parameters"]
    places = {name: Place(thing, path) for name, path in paths.items()}
    if any(name in call.inputs and place.value is None for name, place in places.items()):
        forward(thing, call, target, given.copy())
        places = {name: Place(thing, path) for name, path in paths.items()}
    views = {}
    for name, place in places.items():
        value = call.inputs.get(name)
        if value is None:
            neutral(name, place, given.dtype)
            continue
        views[name] = parameter_view(namespace, call, target, layout, name, place.value)
        place.put(views[name].give(value).copy())
    for name, own in target.options["running"].items():
        if name in call.inputs:
            Place(thing, [own]).put(call.inputs[name].copy())
    return views


def neutral(name: str, place: Place, dtype: Any) -> None:
    """A parameter that the case lacks has no effect: 0 to add, 1 to multiply."""
    if isinstance(place.value, np.ndarray):
        fill = np.ones_like if name == "gamma" else np.zeros_like
        place.put(fill(place.value, dtype=dtype))


def parameter_view(
    namespace: Namespace, call: Call, target: Target, layout: str, name: str, own: Any
) -> View:
    """How the object keeps a parameter, by the shape of its own initial value."""
    value = call.inputs[name]
    shape = np.shape(own)
    if name != "w":
        return (
            View(value.shape, inner=shape)
            if np.size(own) == value.size and shape
            else View(value.shape)
        )
    last = layout in ("NHWC", "HWC", "HW")
    found = weight_views(value.shape, shape, call.op, last)
    if not found:
        raise ValueError(f"{target.options['class']}: its weight has shape {shape}; expected the "
                         f"sizes of {value.shape} in some order")  # fmt: skip
    return found[0] if len(found) == 1 else probed(namespace, call, target, layout, found)


def probed(
    namespace: Namespace, call: Call, target: Target, layout: str, found: Sequence[View]
) -> View:
    """Of several orders that fit, the one that an object of unlike sizes has."""
    shape = (5, 3) if call.op == "affine" else (5, 3, 2, 2)
    if call.op == "conv2d_transpose":
        shape = (3, 5, 2, 2)
    x = np.zeros((2, 5) if call.op == "affine" else (2, 3, 9, 9), call.inputs["x"].dtype)
    padding = 0 if "int" in target.kinds.get("padding", ["int"]) else call.attributes["padding"]
    simple = {**call.attributes, "stride": 1, "padding": padding, "dilation": 1, "groups": 1}
    simple = {n: simple[n] for n in call.attributes}
    inputs = {"x": x, "w": np.zeros(shape, x.dtype), "b": np.zeros(5, x.dtype)}
    probe = replace(call, inputs=inputs, attributes=simple)
    thing = construct(namespace, probe, target, constructor_sizes(probe, x.shape, layout))
    if Place(thing, target.options["parameters"]["w"]).value is None:
        forward(thing, probe, target, data_view(probe, target, layout, x.shape).give(x))
    own = np.shape(Place(thing, target.options["parameters"]["w"]).value)
    fitting = {v.axes for v in weight_views(shape, own, call.op, layout in ("NHWC", "HWC", "HW"))}
    return next((view for view in found if view.axes in fitting), found[0])


def backward(
    thing: Any, call: Call, target: Target, dout: Array, views: Mapping[str, View]
) -> Answer:
    """Call backward; gradients by name, returned or kept by the object."""
    roles: dict[str, str] = target.options["gradient"]
    if "unknown" in roles.values():
        lost = [name for name, role in roles.items() if role == "unknown"]
        raise TypeError(f"{target.backward}: nothing is known for the argument {', '.join(lost)}")
    values = {**call.inputs, "dout": dout, "rate": STEP}
    result = invoke(
        getattr(thing, target.options["backward"]), **{n: values[role] for n, role in roles.items()}
    )
    found = returned(call, target, result)
    if "dx" not in found:
        kept = next((v for n, v in vars_of(thing).items() if n.lower() in ("dx", "grad_x")), None)
        found.update({"dx": kept} if kept is not None else {})
    found.update(parameter_gradients(thing, call, target, found, views))
    if not found:
        raise NotImplementedYet(target.backward)
    if "dout" not in roles.values() and "dx" in found:
        found["dx"] = found["dx"] * dout
    return found


def returned(call: Call, target: Target, result: Any) -> Answer:
    """Gradients that backward returned: one array, a tuple in the order of the inputs, a dict."""
    paths = target.options["parameters"]
    if isinstance(result, Mapping):
        lower = {str(key).lower(): value for key, value in result.items()}
        return {f"d{n}": lower[k] for n in call.inputs for alias in ops.names_of(call.op, n)
                for k in (alias, f"d{alias}") if k in lower}  # fmt: skip
    names = ["x", *paths] if call.op not in ("add", "concat") else list(call.inputs)
    values = result if isinstance(result, (tuple, list)) else (result,)
    pairs = zip(names, values, strict=False)
    return {f"d{n}": value for n, value in pairs if value is not None and n in call.inputs}


def parameter_gradients(
    thing: Any, call: Call, target: Target, found: Answer, views: Mapping[str, View]
) -> Answer:
    """The gradients of the parameters, in the op's own order of axes."""
    answer: Answer = {}
    for name, path in target.options["parameters"].items():
        if name not in call.inputs:
            continue
        value = found.get(f"d{name}")
        if value is None:
            value = kept_gradient(thing, call.op, name, path)
        if value is None and "rate" in target.options["gradient"].values():
            before, after = views[name].give(call.inputs[name]), Place(thing, path).value
            value = ((before - after) / STEP).astype(before.dtype)
        if value is not None:
            answer[f"d{name}"] = views[name].take(value)
    return answer


Adapter = Callable[[Namespace, Call, Target], Answer]
