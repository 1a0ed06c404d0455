"""A layer object in the child: made for a case, its parameters set, its gradients found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from .. import names
from ..call import Call, Namespace
from ..defaults import as_pairs, leave_away
from ..halves import with_halves
from ..members import as_members
from ..packed import filled
from ..running import find, invoke
from ..sides import in_form
from ..target import Target
from ..views import Array, View

Shape = tuple[int, ...]
HOLDERS = ("params", "parameters", "param")

WEIGHT_AXES: dict[str, tuple[Shape, ...]] = {
    "conv2d": ((0, 1, 2, 3), (2, 3, 1, 0), (0, 2, 3, 1), (1, 0, 2, 3), (2, 3, 0, 1), (1, 2, 3, 0)),
    "conv2d_transpose": ((0, 1, 2, 3), (2, 3, 0, 1), (2, 3, 1, 0), (1, 0, 2, 3), (0, 2, 3, 1)),
    "affine": ((0, 1), (1, 0)),
}
"""The orders of axes in which weights occur, the likeliest first."""


def construct(
    namespace: Namespace,
    call: Call,
    target: Target,
    sizes: Mapping[str, Any],
    arrays: Mapping[str, Any] | None = None,
) -> Any:
    """The object for a case: the constructor's arguments by their names. sizes: those that are no
    attributes of the op's · arrays: more of them."""
    options = target.options
    values = in_form(call, {**call.attributes, **sizes}, options.forms)
    values = as_members(with_halves(values, options.init), options.members, namespace)
    chosen = {own: values[name] for name, own in options.init.items() if name in values}
    chosen = {n: options.words.get(v, v) if isinstance(v, str) else v for n, v in chosen.items()}
    ours = {own for name, own in options.init.items() if name in sizes.keys() - options.forms}
    plain = {own: as_int(v) if own in ours else v for own, v in chosen.items()}
    given = leave_away(call, as_pairs(plain, options.defaults), options.defaults) | filled(
        options.packs, values
    )
    made = invoke(find(namespace, options.kind), **given, **(arrays or {}))
    for name, own in options.set.items():
        setattr(made, own, values[name])
    return made


def as_int(value: Any) -> Any:
    """A pair of equal numbers as the one number, which every layer takes."""
    alike = isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]
    return value[0] if alike and isinstance(value[0], int) else value


def constructor_sizes(call: Call, shape: Shape, layout: str) -> dict[str, Any]:
    """What constructors ask for beyond attributes: channels, features, kernel size.

    shape: of x as the op has it.
    """
    w = call.inputs.get("w")
    sizes: dict[str, Any] = {"bias": "b" in call.inputs}
    if w is not None and w.ndim == 4:
        groups = call.attributes.get("groups", 1)
        many = w.shape[1] * groups if call.op == "conv2d_transpose" else w.shape[0]
        sizes.update(kernel_size=(w.shape[2], w.shape[3]), filters=many, channels=shape[1])
    elif w is not None:
        sizes.update(features=w.shape[0], filters=w.shape[1])
    elif len(shape) > 1:
        features = shape[-1] if names.OPS[call.op].of_last_axes else shape[1]
        sizes.update(channels=shape[1], features=features)
    if len(shape) == 4:
        c, h, wide = shape[1:]
        sizes["input_shape"] = {"NHWC": (h, wide, c), "HWC": (h, wide, c)}.get(layout, (c, h, wide))
    return sizes


# ---------------------------------------------------------------------- parameters


class Place:
    """Where an object keeps an array: an attribute, an entry of a dict, or a box with `.data`."""

    def __init__(self, thing: Any, path: Sequence[str]) -> None:
        self.path = list(path)
        held = getattr(thing, path[0], None) if len(path) > 1 else vars_of(thing)
        self.holder = {} if held is None else held  # a lazy layer may have no dict yet
        self.thing = thing

    @property
    def box(self) -> Any:
        """What stands there."""
        if len(self.path) > 1:
            return self.holder.get(self.path[1])
        return getattr(self.thing, self.path[0], None)

    @property
    def inner(self) -> str:
        """The attribute of the box that holds the array; empty if it is the array itself."""
        box = self.box
        if box is None or isinstance(box, (np.ndarray, np.generic, float, int)):
            return ""
        return next((n for n in ("data", "value", "array") if hasattr(box, n)), "")

    @property
    def value(self) -> Any:
        return getattr(self.box, self.inner) if self.inner else self.box

    def put(self, value: Array) -> None:
        """Set it, in the shape of what stands there."""
        old = self.value
        if isinstance(old, np.ndarray) and old.size == value.size:
            value = value.reshape(old.shape)
        if self.inner:
            setattr(self.box, self.inner, value)
            kept = getattr(self.box, "grad", None)
            if isinstance(kept, np.ndarray) and kept.dtype.kind == "f":
                setattr(self.box, "grad", kept.astype(value.dtype))  # noqa: B010 (any object's)
        elif len(self.path) > 1:
            self.holder[self.path[1]] = value
        else:
            setattr(self.thing, self.path[0], value)


def vars_of(thing: Any) -> dict[str, Any]:
    """The attributes that an object has, slots included."""
    slots = [s for kind in type(thing).__mro__ for s in getattr(kind, "__slots__", ())]
    return {**getattr(thing, "__dict__", {}), **{s: getattr(thing, s, None) for s in slots}}


def weight_views(shape: Shape, own: Shape, op: str, channels_last: bool) -> list[View]:
    """The views that turn a weight of this shape into one of the layer's own shape."""
    found = []
    for axes in WEIGHT_AXES.get(op, ((*range(len(shape)),),)):
        turned = tuple(shape[a] for a in axes)
        if turned == own:
            found.append(View(shape, axes))
    if not found and op == "conv2d" and prod(shape) == prod(own):
        inner = (0, 2, 3, 1) if channels_last else (0, 1, 2, 3)
        first = own[0] == shape[0]
        found.append(View(shape, inner if first else (*inner[1:], 0), own))
    return found
