"""A case's arrays put into a layer object, in the order of axes that its own weight has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from ..call import Call, Namespace, WrongReturn
from ..target import Target
from ..views import Array, View
from .layouts import data_view
from .objects import Place, construct, constructor_sizes, weight_views

LAST = ("NHWC", "HWC", "HW")


class Built(Protocol):
    """A layer object that was made for a question."""

    namespace: Namespace
    call: Call
    target: Target
    layout: str
    thing: Any

    def __init__(self, namespace: Namespace, call: Call, target: Target, layout: str) -> None: ...

    def output(self, given: Array) -> Any:
        """What its forward gives."""
        ...

    def build(self, given: Array) -> None:
        """Have a lazy layer make its arrays."""
        ...


def set_parameters(one: Built, given: Array) -> dict[str, View]:
    """Put the case's arrays into the object; the view of each. A lazy layer is built first."""
    options, call = one.target.options, one.call
    if is_lazy(one):
        one.build(given)
    views = {}
    for name, place in places_of(one).items():
        value = call.inputs.get(name)
        if name in options.running:
            if value is not None:
                place.put(value.copy())
        elif value is None:
            neutral(name, place, given.dtype)
        else:
            views[name] = parameter_view(one, name, place.value)
            place.put(views[name].give(value).copy())
    return views


def places_of(one: Built) -> dict[str, Place]:
    """Where the object keeps its parameters, then its running statistics."""
    options = one.target.options
    paths = {**options.parameters, **{name: [own] for name, own in options.running.items()}}
    return {n: Place(one.thing, path) for n, path in paths.items() if n not in options.arrays}


def is_lazy(one: Built) -> bool:
    """Whether the object has no array yet in the place of one that is given, or none at all."""
    places = places_of(one)
    lacking = {name for name, place in places.items() if place.value is None}
    return bool(lacking) and (lacking == {*places} or not lacking.isdisjoint(one.call.inputs))


def neutral(name: str, place: Place, dtype: Any) -> None:
    """A parameter that the case lacks has no effect: 0 to add, 1 to multiply."""
    if isinstance(place.value, np.ndarray):
        fill = np.ones_like if name == "gamma" else np.zeros_like
        place.put(fill(place.value, dtype=dtype))


def parameter_view(one: Built, name: str, own: Any) -> View:
    """How the object keeps a parameter, by the shape of its own initial value."""
    value, shape = one.call.inputs[name], np.shape(own)
    if name != "w":
        fits = np.size(own) == value.size and bool(shape)
        return View(value.shape, inner=shape) if fits else View(value.shape)
    found = weight_views(value.shape, shape, one.call.op, one.layout in LAST)
    if not found:
        kind = one.target.options.kind
        raise WrongReturn(
            f"{kind}: its weight has shape {shape}; expected the sizes {value.shape} in any order"
        )
    return found[0] if len(found) == 1 else probed(one, found)


def probed(one: Built, found: Sequence[View]) -> View:
    """Of several orders that fit, the one that an object of unlike sizes has."""
    call, target = one.call, one.target
    probe = type(one)(one.namespace, simple_call(call, target), target, one.layout)
    x, shape = probe.call.inputs["x"], probe.call.inputs["w"].shape
    sizes = constructor_sizes(probe.call, x.shape, one.layout)
    probe.thing = construct(one.namespace, probe.call, target, sizes)
    if Place(probe.thing, target.options.parameters["w"]).value is None:
        probe.output(data_view(probe.call, target, one.layout, x.shape).give(x))
    own = np.shape(Place(probe.thing, target.options.parameters["w"]).value)
    fitting = {v.axes for v in weight_views(shape, own, call.op, one.layout in LAST)}
    return next((view for view in found if view.axes in fitting), found[0])


def simple_call(call: Call, target: Target) -> Call:
    """The call of a layer with weights for sizes that are unlike each other, all zero."""
    shape = (5, 3) if call.op == "affine" else (5, 3, 2, 2)
    if call.op == "conv2d_transpose":
        shape = (3, 5, 2, 2)
    x = np.zeros((1, 5) if call.op == "affine" else (1, 3, 9, 9), call.inputs["x"].dtype)
    integer = "int" in target.takes.kinds.get("padding", ["int"])
    padding = 0 if integer else call.attributes.get("padding")
    simple = {**call.attributes, "stride": 1, "padding": padding, "dilation": 1, "groups": 1}
    simple = {n: simple[n] for n in call.attributes}
    count = shape[0] if call.op == "conv2d" else shape[1]
    inputs = {"x": x, "w": np.zeros(shape, x.dtype), "b": np.zeros(count, x.dtype)}
    return replace(call.apart(), inputs=inputs, attributes=simple)
