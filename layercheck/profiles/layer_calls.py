"""One layer object asked once: parameters set, forward, backward, gradients collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from . import ops
from .layer_objects import (
    Place,
    construct,
    constructor_sizes,
    kept_gradient,
    vars_of,
    weight_views,
)
from .layouts import data_view, guessed_view
from .profile import Answer, Array, Call, Namespace, NotImplementedYet, Target
from .randomness import GENERATORS, Stream
from .sources import invoke
from .views import View

STEP = float(2**20)
"""A learning rate so large that the weight itself vanishes beside the step taken."""


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
