"""Functions named as the ops here or in torch.nn.functional: conv2d, max_pool2d, linear, ...

The backward is `<name>_backward` or `<name>_grad`; it takes dout, and the cache or any of the
forward's arguments. Arguments are matched by their names.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from . import ops
from .profile import Answer, Array, Call, Namespace, NotImplementedYet, Target
from .randomness import with_known_mask
from .signatures import (
    Argument,
    arguments_of,
    functions_of,
    handles_none,
    kinds,
    match,
    unknown,
    word_as_written,
)
from .sources import invoke, load
from .views import View, of, rows

__all__ = ["DESCRIPTION", "NAME", "load", "recognise", "targets"]

NAME = "functional"
DESCRIPTION = "functions named as in torch.nn.functional: conv2d, conv2d_backward, max_pool2d, ..."

FORWARD = ("", "_forward", "_fwd")
BACKWARD = ("_backward", "_grad", "_bwd")


# ---------------------------------------------------------------------- read from the source


def recognise(tree: ast.Module) -> int:
    """How many functions the file defines that are named as an op, or as its backward."""
    pairs = find_pairs(functions_of(tree))
    return sum(1 + bool(backward) for _, _, backward in pairs)


def targets(tree: ast.Module, source: str) -> list[Target]:
    """One for each op that the file defines, in the order of the file."""
    functions = functions_of(tree)
    return [make_target(tree, *pair) for pair in find_pairs(functions)]


def find_pairs(functions: Mapping[str, ast.FunctionDef]) -> list[tuple[str, str, str]]:
    """(op, forward, backward) of every forward in the file; backward may be empty."""
    found = []
    for name, function in functions.items():
        op = forward_op(name)
        if op and arguments_of(function):
            found.append((op, name, backward_of(name, functions)))
    return found


def forward_op(name: str) -> str:
    """The op whose forward has this name; empty if there is none."""
    stems = (name.removesuffix(ending) for ending in FORWARD if name.endswith(ending))
    return next((ops.op_named(stem) for stem in stems if ops.op_named(stem)), "")


def backward_of(name: str, functions: Mapping[str, ast.FunctionDef]) -> str:
    stems = [name.removesuffix(ending) for ending in FORWARD if name.endswith(ending)]
    own = [stem + ending for stem in stems for ending in BACKWARD]
    alike = [other for other in functions for ending in BACKWARD
             if other.endswith(ending) and ops.op_named(other.removesuffix(ending))
             and ops.plain(other.removesuffix(ending)) in map(ops.plain, stems)]  # fmt: skip
    return next((n for n in (*own, *alike) if n in functions), "")


def make_target(
    tree: ast.Module,
    op: str,
    forward: str,
    backward: str,
    given: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Target:
    """A target from the signatures of its two functions.

    given: op's names with the function's, where they are known already.
    """
    functions = functions_of(tree)
    function = functions[forward]
    arguments = arguments_of(function)
    matched = match(op, arguments, given or {})
    by_name = {a.name: a for a in arguments}
    chosen: dict[str, Any] = {"arguments": matched, "unknown": unknown(arguments, matched)}
    chosen["positional"] = [a.name for a in arguments if a.positional_only]
    if backward in functions:
        chosen["backward"] = backward_arguments(op, functions[backward], matched, given or {})
    chosen.update(conventions(tree, op, function, matched, by_name))
    chosen.update(options or {})
    own_op = vectors_only(op, forward, ast.unparse(function))
    return Target(
        own_op, forward, backward, "call", chosen,
        fixed=fixed(op, matched, by_name),
        required=tuple(required(op, function, matched, by_name)),
        absent=tuple(n for n in ops.OPS[op].optional if n not in matched),
        kinds={n: kinds(tree, by_name[own]) for n, own in matched.items()
               if n in ops.SPATIAL and own in by_name and n in ops.OPS[op].defaults},
        shapes={"x": (None, None)} if own_op != op else {},
    )  # fmt: skip


def fixed(op: str, matched: Mapping[str, str], arguments: Mapping[str, Argument]) -> dict[str, Any]:
    """What the signature cannot express, at the op's default; a size of 2 where there is none."""
    lacking = {n: v for n, v in ops.OPS[op].defaults.items() if n not in matched}
    lacking.pop("mask_seed", None)  # the case's mask is reached without it
    return {n: 2 if v == ops.REQUIRED else v for n, v in lacking.items()}


def required(
    op: str,
    function: ast.FunctionDef,
    matched: Mapping[str, str],
    arguments: Mapping[str, Argument],
) -> Iterator[str]:
    """Optional inputs that the function has to get."""
    for name in ops.OPS[op].optional:
        own = arguments.get(matched.get(name, ""))
        if own is not None and not own.optional and not handles_none(function, own.name):
            yield name


def conventions(
    tree: ast.Module,
    op: str,
    function: ast.FunctionDef,
    matched: Mapping[str, str],
    arguments: Mapping[str, Argument],
) -> Iterator[tuple[str, Any]]:
    """Options that names and defaults settle."""
    momentum = arguments.get(matched.get("momentum", ""))
    if momentum is not None and (momentum.name == "decay" or at_least_half(momentum.default)):
        yield "momentum", "decay"
    if op == "affine":
        yield "w", "MD" if "linear" in function.name.lower() else "DM"
    if op in ("softmax", "log_softmax") and "dim" not in matched:
        yield "rows", 1
    if op == "layer_norm" and "normalized_dims" not in matched:
        yield "rows", 1
    if "keep" in matched.get("p", ""):
        yield "p", "keep"
    words = {word: word_as_written(tree, word) for word in ("same", "valid", "same_lower")}
    if "padding" in matched:
        yield "words", {word: own for word, own in words.items() if own != word}


def at_least_half(value: Any) -> bool:
    return isinstance(value, float) and value >= 0.5


def vectors_only(op: str, name: str, text: str) -> str:
    """batch_norm_1d for a batch_norm whose text averages over axis 0 alone."""
    alone = "axis=0" in text or "mean(0" in text
    images = any(part in text for part in ("2, 3", "reshape", "transpose", ".ndim", "swapaxes"))
    return "batch_norm_1d" if op == "batch_norm" and alone and not images else op


def backward_arguments(
    op: str, function: ast.FunctionDef, forward: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """What each argument of a backward gets: {its name: dout, cache, out, or an op's name}."""
    own_names = {own: name for name, own in forward.items()}
    found: dict[str, str] = {}
    names = [a.name for a in arguments_of(function)]
    for place, name in enumerate(names):
        found[name] = role(op, name, place, own_names, given, list(found.values()))
    if "dout" not in found.values() and names:
        found[names[0]] = "dout"
    lost = [name for name, what in found.items() if not what]
    if len(lost) == 1 and "cache" not in found.values():
        found[lost[0]] = "cache"
    optional = {a.name for a in arguments_of(function) if a.optional}
    return {n: r for n, r in found.items() if r or n not in optional}


def role(
    op: str,
    name: str,
    place: int,
    own_names: Mapping[str, str],
    given: Mapping[str, str],
    taken: Sequence[str],
) -> str:
    """dout, cache, an input or attribute of the op, out; empty if nothing is known."""
    lower = name.lower()
    if "dout" not in taken and (lower in ops.DOUT or (lower.startswith("d") and place == 0)):
        return "dout"
    if lower in ops.CACHE:
        return "cache"
    if name in own_names:
        return own_names[name]
    matches = match(op, [Argument("", True), Argument(name)], given)
    known = [n for n, own in matches.items() if own == name and n not in taken]
    if known:
        return known[0]
    return "out" if lower in ops.OUT else ""


# ---------------------------------------------------------------------- calls


def call(namespace: Namespace, call: Call, target: Target) -> Answer:
    """The adapter: forward, then backward if dout is given."""
    if target.options.get("unknown"):
        names = ", ".join(target.options["unknown"])
        raise TypeError(f"{target.forward}: nothing is known for the argument {names}; say what it "
                        f"is with @layercheck.implements")  # fmt: skip
    draws = call.op == "dropout" and "mask" not in target.options["arguments"]
    if draws and call.attributes["training"]:
        return dropout(namespace, call, target)
    answers = (attempt(namespace, call, target, views) for views in layouts(call, target))
    tried: list[Answer | Exception] = []
    for answer in answers:
        if not isinstance(answer, Exception):
            return answer
        tried.append(answer)
    raise tried[0]  # type: ignore[misc]


def dropout(namespace: Namespace, call: Call, target: Target) -> Answer:
    """A dropout that draws its own mask: its random numbers are chosen."""
    said = target.options.get("p", "drop")
    meanings = (said, "drop" if said == "keep" else "keep")

    def run(own: Call, p: float) -> Answer:
        changed = replace(own, attributes={**own.attributes, "p": p})
        plain = replace(target, options={**target.options, "p": "as given"})
        return once(namespace, changed, plain, {})

    meaning, answer = with_known_mask(call, meanings, run, lambda: [namespace])  # type: ignore[list-item]
    if meaning == "keep" and said != "keep":
        call.note(f"convention: {target.forward}: p is the probability to keep")
    return answer


def layouts(call: Call, target: Target) -> Iterator[dict[str, View]]:
    """How the arrays may have to be turned, the likeliest first."""
    x = call.inputs["x"]
    if "rows" in target.options:
        yield rows_of(call, target.options["rows"])
    elif call.op == "affine":
        flat = {"x": View(x.shape, inner=(x.shape[0], int(np.prod(x.shape[1:]))))}
        turned = {**flat, "w": View(call.inputs["w"].shape, (1, 0))}
        yield from (turned, flat) if target.options.get("w") == "MD" else (flat, turned)
    else:
        yield declared_views(call, target)


def rows_of(call: Call, trailing: int) -> dict[str, View]:
    """Leading axes made one: softmax and layer norm of the last axis."""
    view = rows(call.inputs["x"].shape, trailing)
    return {"x": view, "out": view}


def declared_views(call: Call, target: Target) -> dict[str, View]:
    """Views by the axes that options give: {"axes": {"x": [0, 2, 3, 1]}}."""
    axes = target.options.get("axes", {})
    shapes = {name: value.shape for name, value in call.inputs.items()}
    made = {n: View(shapes[n], tuple(axes[n])) for n in shapes if n in axes}
    if call.dout is not None and "out" in axes:
        made["out"] = View(call.dout.shape, tuple(axes["out"]))
    return made


def attempt(
    namespace: Namespace, call: Call, target: Target, views: Mapping[str, View]
) -> Answer | Exception:
    """The answer for this layout, or what was raised; a wrong shape of out counts as raised."""
    try:
        answer = once(namespace, call, target, views)
        wanted = (
            None if call.op != "affine" else (call.inputs["x"].shape[0], call.inputs["w"].shape[1])
        )
        if wanted is not None and np.shape(answer["out"]) != wanted:
            got = np.shape(answer["out"])
            raise ValueError(f"{target.forward}: out has shape {got}, expected {wanted}")
    except NotImplementedYet:
        raise
    except Exception as error:
        return error
    return answer


def once(namespace: Namespace, call: Call, target: Target, views: Mapping[str, View]) -> Answer:
    """Call forward and backward with arrays in these views."""
    given = {n: of(views, n, value).give(own_copy(n, value)) for n, value in call.inputs.items()}
    result = invoke(find(namespace, target.forward), *forward_arguments(call, target, given)[0],
                    **forward_arguments(call, target, given)[1])  # fmt: skip
    if result is None:
        raise NotImplementedYet(target.forward)
    outputs, cache = split(call, result, given)
    if outputs.get("out") is None:
        raise NotImplementedYet(target.forward)
    answer = dict(outputs)
    views = {**out_view(target, outputs["out"]), **views}
    if call.dout is not None and target.backward:
        answer.update(backward(namespace, call, target, views, given, outputs, cache))
    for name, value in call.inputs.items():
        if not name.startswith("running"):
            of(views, name, value).give_back(given[name], value)
    return {name: view_back(views, name, value) for name, value in answer.items()}


def out_view(target: Target, out: Any) -> dict[str, View]:
    """The view of out by its own shape, where options give the order of its axes."""
    axes = target.options.get("axes", {}).get("out")
    if axes is None or np.ndim(out) != len(axes):
        return {}
    sizes = dict(zip(axes, np.shape(out), strict=True))
    return {"out": View(tuple(sizes[axis] for axis in range(len(axes))), tuple(axes))}


def own_copy(name: str, value: Array) -> Array:
    """Running statistics may be changed in place, as torch does."""
    return value.copy() if name.startswith("running") else value


def view_back(views: Mapping[str, View], name: str, value: Any) -> Any:
    view = views.get(name) or (views.get(name[1:]) if name.startswith("d") else None)
    value = np.asarray(value) if isinstance(value, np.generic) else value
    return value if view is None else view.take(value)


def find(namespace: Namespace, name: str) -> Callable[..., Any]:
    function = namespace.get(name)
    if not callable(function):
        raise NotImplementedYet(name)
    return function  # type: ignore[no-any-return]


def forward_arguments(
    call: Call, target: Target, given: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """What the forward gets, by the names of its own arguments."""
    values = {**attribute_values(call, target), **given}
    named = {
        own: values[name] for name, own in target.options["arguments"].items() if name in values
    }
    optional = {target.options["arguments"][n]: None for n in target.required if n not in values}
    named = {**optional, **named, **missing_inputs(call, target, values)}
    first = [named.pop(name) for name in target.options.get("positional", ()) if name in named]
    return first, named


def missing_inputs(call: Call, target: Target, values: Mapping[str, Any]) -> dict[str, Any]:
    """None for optional inputs that the case lacks."""
    matched = target.options["arguments"]
    optional = ops.OPS[call.op].optional
    return {matched[n]: None for n in optional if n in matched and n not in values}


def attribute_values(call: Call, target: Target) -> dict[str, Any]:
    """The case's attributes in the function's own meaning."""
    values, matched = dict(call.attributes), target.options["arguments"]
    if target.options.get("momentum") == "decay":
        values["momentum"] = 1 - values["momentum"]
        call.note(f"convention: {target.forward}: momentum is the share of the old statistics")
    if target.options.get("p") == "keep" and "p" in values:
        values["p"] = 1 - values["p"]
    if matched.get("normalized_dims") == "normalized_shape":
        values["normalized_dims"] = call.inputs["x"].shape[-values["normalized_dims"] :]
    if isinstance(values.get("padding"), str):
        words = target.options.get("words", {})
        values["padding"] = words.get(values["padding"], values["padding"])
    return values


def split(call: Call, result: Any, given: Mapping[str, Array]) -> tuple[Answer, Any]:
    """Outputs by name and the cache, of `out`, `(out, cache)` or `((out, more), cache)`."""
    names = ops.OPS[call.op].outputs
    if isinstance(result, (tuple, list)) and result and isinstance(result[0], (tuple, list)):
        outputs = dict(zip(names, result[0], strict=False))
        return outputs, result[1] if len(result) == 2 else tuple(result[1:])
    values = list(result) if isinstance(result, (tuple, list)) else [result]
    outputs = {"out": values.pop(0) if values else None}
    running = [n for n in ("running_mean", "running_var") if n in given]
    if running and call.attributes.get("training"):
        outputs.update(running_of(values, running, given))
    elif call.attributes.get("return_indices") and values:
        outputs["indices"] = values.pop(0)
    return outputs, values[0] if len(values) == 1 else tuple(values)


def running_of(values: list[Any], names: Sequence[str], given: Mapping[str, Array]) -> Answer:
    """Running statistics that were returned, taken out of values; else those changed in place."""
    fits = [v for v in values if isinstance(v, np.ndarray) and v.shape == given[names[0]].shape]
    if len(fits) != len(names):
        return {name: given[name] for name in names}
    values[:] = [v for v in values if not any(v is own for own in fits)]
    return dict(zip(names, fits, strict=True))


def backward(
    namespace: Namespace,
    call: Call,
    target: Target,
    views: Mapping[str, View],
    given: Mapping[str, Array],
    outputs: Answer,
    cache: Any,
) -> Answer:
    """Call the backward; gradients by name."""
    function = find(namespace, target.backward)
    dout = call.dout
    if dout is None:
        return {}
    own_dout = of(views, "out", dout).give(dout)
    known = {**dict.fromkeys(ops.OPS[call.op].inputs), **attribute_values(call, target), **given,
             "dout": own_dout, "cache": cache, "out": outputs["out"]}  # fmt: skip
    roles = target.options.get("backward", {})
    lost = [name for name, what in roles.items() if what not in known]
    if lost:
        raise TypeError(f"{target.backward}: nothing is known for the argument {', '.join(lost)}")
    result = invoke(function, **{name: known[what] for name, what in roles.items()})
    if result is None:
        raise NotImplementedYet(target.backward)
    of(views, "out", dout).give_back(own_dout, dout)
    return gradients(call, target, result)


def gradients(call: Call, target: Target, result: Any) -> Answer:
    """Gradients by name, from one array, a tuple in the order of the inputs, or a dict."""
    names = gradient_names(call, target)
    if isinstance(result, Mapping):
        return by_name(call, result, names)
    values = list(result) if isinstance(result, (tuple, list)) else [result]
    here = [n for n in names if n in call.inputs]
    wanted = names if len(values) >= len(names) else here
    pairs = dict(zip(wanted, values, strict=False))
    if all(value is None for value in pairs.values()):
        raise NotImplementedYet(target.backward)
    return {f"d{n}": v for n, v in pairs.items() if n in call.inputs and v is not None}


def gradient_names(call: Call, target: Target) -> list[str]:
    """Inputs that have a gradient, in the order of the forward's arguments."""
    matched = target.options["arguments"]
    order = target.options.get("gradients") or list(matched)
    differentiable = ops.OPS[call.op].differentiable
    return [n for n in order if n in differentiable]


def by_name(call: Call, result: Mapping[str, Any], names: Sequence[str]) -> Answer:
    """Gradients from a dict: its keys are `dx`, `x`, `weight`, `dweight`, `grad_weight`, ..."""
    lower = {str(key).lower(): value for key, value in result.items()}
    found: Answer = {}
    for name in names:
        for alias in ops.names_of(call.op, name):
            for key in (f"d{alias}", alias, f"grad_{alias}", f"d_{alias}", f"{alias}_grad"):
                if name in call.inputs and key in lower:
                    found.setdefault(f"d{name}", lower[key])
    return found
