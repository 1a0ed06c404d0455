"""The functions of Stanford CS231n's assignments, as the templates of 2016 to 2026 define them."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .profile import Answer, Array, Call, Namespace, NotImplementedYet, Target
from .randomness import with_known_mask
from .sources import invoke, load
from .views import View, rows, shape_like

__all__ = ["DESCRIPTION", "NAME", "load", "recognise", "targets"]

NAME = "cs231n"
DESCRIPTION = "Stanford CS231n: conv_forward_naive, batchnorm_forward, softmax_loss, ..."


@dataclass(frozen=True)
class Part:
    """Functions that a template asks for together: a file that has one of them should have all."""

    targets: tuple[Target, ...]

    @property
    def names(self) -> set[str]:
        return {name for t in self.targets for name in (t.forward, t.backward)}


def part(*targets: Target) -> Part:
    """The course never says in which dtype a layer answers: float64 of float32 is cast back."""
    return Part(tuple(replace(t, options={"promotes": True, **t.options}) for t in targets))


_BATCH_NORM: dict[str, Any] = {
    "fixed": {"unbiased_running_var": False},
    "required": ("gamma", "beta"),
    "forward_only": {"training": False},
}
_MEAN = {"reduction": "mean"}

PARTS = (
    part(
        Target("affine", "affine_forward", "affine_backward", "affine", required=("b",)),
        Target("relu", "relu_forward", "relu_backward", "relu"),
    ),
    part(
        Target("softmax_cross_entropy", "softmax_loss", "softmax_loss", "loss",
               fixed={**_MEAN, "label_smoothing": 0.0, "ignore_index": -100}),
    ),
    part(Target("svm_loss", "svm_loss", "svm_loss", "loss", fixed={**_MEAN, "margin": 1.0})),
    part(*(
        Target("batch_norm_1d", "batchnorm_forward", backward, "batch_norm",
               shapes={"x": (None, None)}, **_BATCH_NORM)
        for backward in ("batchnorm_backward", "batchnorm_backward_alt")
    )),
    part(Target("layer_norm", "layernorm_forward", "layernorm_backward", "layer_norm",
                required=("gamma", "beta"))),
    part(Target("dropout", "dropout_forward", "dropout_backward", "dropout")),
    part(
        Target("conv2d", "conv_forward_naive", "conv_backward_naive", "conv",
               fixed={"dilation": 1, "groups": 1}, integer=("stride", "padding"), required=("b",)),
        Target("max_pool", "max_pool_forward_naive", "max_pool_backward_naive", "max_pool",
               fixed={"padding": 0, "dilation": 1, "ceil_mode": False, "return_indices": False},
               integer=("stride",)),
    ),
    part(Target("batch_norm", "spatial_batchnorm_forward", "spatial_batchnorm_backward",
                "batch_norm", shapes={"x": (None, None, None, None)}, **_BATCH_NORM)),
    part(Target("group_norm", "spatial_groupnorm_forward", "spatial_groupnorm_backward",
                "group_norm", required=("gamma", "beta"))),
)  # fmt: skip

NAMES = frozenset(name for one in PARTS for name in one.names)


# ---------------------------------------------------------------------- read from the source


def recognise(tree: ast.Module) -> int:
    """How many of the course's functions the file defines."""
    return len(NAMES & definitions(tree).keys())


def definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    """What the file defines at its top: functions, and names that are assigned."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found.update((t.id, node) for t in node.targets if isinstance(t, ast.Name))
    return found


def targets(tree: ast.Module, source: str) -> list[Target]:
    """One for each pair of functions, in the order of the file.

    Where the file has any function of a part of an assignment, the part's others are targets too.
    """
    found = definitions(tree)
    placed = []
    for one in PARTS:
        if not one.names & found.keys():
            continue
        last = max(found[name].lineno for name in one.names & found.keys())
        placed += [(place(t, found, last), with_docstring(t, found)) for t in one.targets]
    return [target for _, target in sorted(placed, key=lambda pair: pair[0])]


def place(target: Target, found: Mapping[str, ast.stmt], last: int) -> tuple[int, int]:
    """Where a target stands in the file: at its forward, else its backward, else after its part."""
    lines = [found[n].lineno for n in (target.forward, target.backward) if n in found]
    own = found.get(target.backward)
    return (lines[0] if lines else last), (own.lineno if own is not None else last)


def with_docstring(target: Target, found: Mapping[str, ast.stmt]) -> Target:
    """Options that a docstring settles: what dropout's p is, which shape group norm's gamma has."""
    node = found.get(target.forward)
    text = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
    if target.adapter == "dropout":
        return replace(target, options={**target.options, "p": meaning_of_p(text or "")})
    if target.adapter == "group_norm":
        return replace(target, options={**target.options, "gamma": gamma_form(text or "")})
    return target


def meaning_of_p(docstring: str) -> str:
    """`keep` or `drop`, as the docstring says; empty if it does not.

    >>> meaning_of_p("p: We keep each neuron output with probability p.")
    'keep'
    >>> meaning_of_p("p: Dropout parameter. We drop each neuron output with probability p.")
    'drop'
    """
    text = " ".join(docstring.lower().split())
    keep = re.search(r"\bkeep(s|ing)?\b[^.;]*\bprobability|probability (of|to) \**keep", text)
    drop = re.search(r"\bdrop(s|ping)?\b[^.;]*\bprobability|probability (of|to) \**drop", text)
    if keep and drop:
        return "keep" if keep.start() < drop.start() else "drop"
    return "keep" if keep else "drop" if drop else ""


def gamma_form(docstring: str) -> str:
    """`1C11` or `C`: the shape of gamma in group norm, as the docstring says."""
    text = "".join(docstring.split())
    if "(1,C,1,1)" in text:
        return "1C11"
    return "C" if re.search(r"(gamma|scale)[^(]*\(C,\)", text, re.IGNORECASE) else ""


# ---------------------------------------------------------------------- calls


def forward(namespace: Namespace, name: str, *args: Any) -> tuple[Any, Any]:
    """Call a forward; out and its cache."""
    result = call_function(namespace, name, *args)
    if result is None:
        raise NotImplementedYet(name)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError(f"{name} returned {told(result)}; expected (out, cache)")
    if result[0] is None:
        raise NotImplementedYet(name)
    return result[0], result[1]


def gradients(
    namespace: Namespace, name: str, names: Sequence[str], dout: Array, cache: Any
) -> Answer:
    """Call a backward; its gradients by name."""
    result = call_function(namespace, name, dout, cache)
    single = len(names) == 1 and not isinstance(result, (tuple, list))
    values = (result,) if single or result is None else result
    if all(value is None for value in values):
        raise NotImplementedYet(name)
    if not isinstance(values, (tuple, list)) or len(values) != len(names):
        raise TypeError(f"{name} returned {told(result)}; expected ({', '.join(names)})")
    return {n: value for n, value in zip(names, values, strict=True) if value is not None}


def call_function(namespace: Namespace, name: str, *args: Any) -> Any:
    function = namespace.get(name)
    if not callable(function):
        raise NotImplementedYet(name)
    return invoke(function, *args)


def told(value: Any) -> str:
    """What was returned, for an error's text."""
    kind = type(value).__name__
    return f"a {kind} of {len(value)}" if isinstance(value, (tuple, list)) else f"one {kind}"


def settled(call: Call, target: Target, answer: Answer) -> Answer:
    """The answer in the dtype of x: the course's templates do not ask for that."""
    wanted = call.inputs["x"].dtype
    return {name: cast(call, target, value, wanted) for name, value in answer.items()}


def cast(call: Call, target: Target, value: Any, wanted: Any) -> Any:
    if type(value) in (float, int, np.float64, np.float32):
        return np.asarray(value, dtype=wanted)
    promoted = type(value) is np.ndarray and value.dtype == np.float64 and wanted != np.float64
    if promoted and target.options.get("promotes"):
        call.note(f"{target.forward}: float64 comes out of {wanted}; cast back")
        return value.astype(wanted)
    return value


def both(
    namespace: Namespace, call: Call, target: Target, names: Sequence[str], *args: Any
) -> Answer:
    """Forward, then backward with the cache of that forward."""
    out, cache = forward(namespace, target.forward, *args)
    answer: Answer = {"out": out}
    if call.dout is not None:
        answer.update(gradients(namespace, target.backward, names, call.dout, cache))
    return settled(call, target, answer)


# ---------------------------------------------------------------------- adapters


def affine(namespace: Namespace, call: Call, target: Target) -> Answer:
    """affine_forward(x, w, b), w: (D, M)."""
    args = (call.inputs[name] for name in ("x", "w", "b"))
    return both(namespace, call, target, ("dx", "dw", "db"), *args)


def relu(namespace: Namespace, call: Call, target: Target) -> Answer:
    """relu_forward(x)."""
    return both(namespace, call, target, ("dx",), call.inputs["x"])


def loss(namespace: Namespace, call: Call, target: Target) -> Answer:
    """softmax_loss(x, y) -> (loss, dx): the gradient for dout = 1, which dout then scales."""
    value, dx = forward(namespace, target.forward, call.inputs["x"], call.inputs["y"])
    answer: Answer = {"out": value}
    if call.dout is not None:
        if dx is None:
            raise NotImplementedYet(target.forward)
        answer["dx"] = dx * call.dout if isinstance(dx, np.ndarray) else dx
    return settled(call, target, answer)


def batch_norm(namespace: Namespace, call: Call, target: Target) -> Answer:
    """batchnorm_forward(x, gamma, beta, bn_param), and the same for images.

    Running statistics are put into bn_param and read from there; momentum is the share that the
    old ones keep. In test mode there is no backward.
    """
    attributes, training = call.attributes, bool(call.attributes["training"])
    running = {n: value.copy() for n, value in call.inputs.items() if n.startswith("running")}
    bn_param: dict[str, Any] = {"mode": "train" if training else "test", "eps": attributes["eps"],
                "momentum": 1 - attributes["momentum"], **running}  # fmt: skip
    asked = call if training else replace(call, dout=None)
    args = (call.inputs[name] for name in ("x", "gamma", "beta"))
    answer = both(namespace, asked, target, ("dx", "dgamma", "dbeta"), *args, bn_param)
    kept = {name: bn_param.get(name) for name in running if training}
    return answer | settled(call, target, {n: v for n, v in kept.items() if v is not None})


def layer_norm(namespace: Namespace, call: Call, target: Target) -> Answer:
    """layernorm_forward(x, gamma, beta, ln_param), x: (N, D): more axes are made two."""
    trailing = call.attributes["normalized_dims"]
    x, gamma = call.inputs["x"], call.inputs["gamma"]
    view, vector = rows(x.shape, trailing), View(gamma.shape, inner=(gamma.size,))
    asked = replace(call, dout=None if call.dout is None else view.give(call.dout))
    args = (view.give(x), vector.give(gamma), vector.give(call.inputs["beta"]))
    param = {"eps": call.attributes["eps"]}
    answer = both(namespace, asked, target, ("dx", "dgamma", "dbeta"), *args, param)
    views = {"out": view, "dx": view, "dgamma": vector, "dbeta": vector}
    return {name: views[name].take(value) for name, value in answer.items()}


def dropout(namespace: Namespace, call: Call, target: Target) -> Answer:
    """dropout_forward(x, dropout_param): p is the probability to keep, or in other years to drop.

    The random numbers are chosen so that the case's mask results. Docstring and behaviour say what
    p is.
    """
    said = target.options.get("p") or "keep"
    meanings = (said, "drop" if said == "keep" else "keep")

    def run(own: Call, p: float) -> Answer:
        mode = "train" if call.attributes["training"] else "test"
        param = {"mode": mode, "p": p, "seed": call.attributes.get("mask_seed", 0)}
        return both(namespace, own, target, ("dx",), own.inputs["x"], param)

    if not call.attributes["training"]:
        p = call.attributes["p"]
        return run(call, p if said == "drop" else 1 - p)
    meaning, answer = with_known_mask(call, meanings, run, lambda: [namespace])  # type: ignore[list-item]
    if meaning != target.options.get("p"):
        what = "though the docstring says otherwise" if target.options.get("p") else "by behaviour"
        call.note(f"convention: {target.forward}: p is the probability to {meaning}, {what}")
    return answer


def conv(namespace: Namespace, call: Call, target: Target) -> Answer:
    """conv_forward_naive(x, w, b, conv_param)."""
    param = {"stride": call.attributes["stride"], "pad": call.attributes["padding"]}
    args = (call.inputs[name] for name in ("x", "w", "b"))
    return both(namespace, call, target, ("dx", "dw", "db"), *args, param)


def max_pool(namespace: Namespace, call: Call, target: Target) -> Answer:
    """max_pool_forward_naive(x, pool_param)."""
    size = call.attributes["kernel_size"]
    height, width = (size, size) if isinstance(size, int) else size
    param = {"pool_height": height, "pool_width": width, "stride": call.attributes["stride"]}
    return both(namespace, call, target, ("dx",), call.inputs["x"], param)


def group_norm(namespace: Namespace, call: Call, target: Target) -> Answer:
    """spatial_groupnorm_forward(x, gamma, beta, G, gn_param), gamma: (1, C, 1, 1) or (C,).

    The docstring's form is tried first; the other one if that raises or gives another shape.
    Gradients have the shape of gamma.
    """
    channels = call.inputs["x"].shape[1]
    forms = {"1C11": (1, channels, 1, 1), "C": (channels,)}
    said = target.options.get("gamma") or "1C11"
    tried = [group_norm_with(namespace, call, target, forms[said])]
    if isinstance(tried[0], Exception):
        other = "C" if said == "1C11" else "1C11"
        tried.append(group_norm_with(namespace, call, target, forms[other]))
    found = next((answer for answer in tried if isinstance(answer, dict)), None)
    if found is None:
        raise tried[0]  # type: ignore[misc]
    return found


def group_norm_with(
    namespace: Namespace, call: Call, target: Target, shape: tuple[int, ...]
) -> Answer | Exception:
    """The answer with gamma of this shape, or what was raised."""
    gamma, beta = (call.inputs[name].reshape(shape) for name in ("gamma", "beta"))
    groups, param = call.attributes["num_groups"], {"eps": call.attributes["eps"]}
    try:
        args = (call.inputs["x"], gamma, beta, groups, param)
        answer = both(namespace, call, target, ("dx", "dgamma", "dbeta"), *args)
        if np.shape(answer["out"]) != call.inputs["x"].shape:
            got = np.shape(answer["out"])
            raise ValueError(f"{target.forward}: out has shape {got} for gamma {shape}")
        for name in {"dgamma", "dbeta"} & answer.keys():
            answer[name] = as_gamma(name, answer[name], shape)
    except NotImplementedYet:
        raise
    except Exception as error:
        return error
    return answer


def as_gamma(name: str, gradient: Any, shape: tuple[int, ...]) -> Any:
    """A gradient shaped as gamma, as the op's vector; raises ValueError for another shape."""
    if np.shape(gradient) != shape:
        raise ValueError(f"{name}: got shape {np.shape(gradient)}, expected {shape} as gamma")
    return shape_like(gradient, (int(np.prod(shape)),))
