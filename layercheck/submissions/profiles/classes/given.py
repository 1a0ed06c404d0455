"""Arrays that a constructor takes: `Affine(W, b)`, `BatchNormalization(gamma, beta)`.

They are given as the op has them. Where an order of axes or a shape of a bias has to be found, that
one counts in which an object of unlike sizes answers.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .. import names
from ..call import NotImplementedYet
from ..signatures import Argument, named
from ..views import Shape, View
from .layouts import COLUMNS, data_view
from .objects import WEIGHT_AXES, construct, constructor_sizes
from .parameters import LAST, Built, simple_call

FIRST = ("w", "gamma")
ARRAYS = (*FIRST, "b", "beta", "running_mean", "running_var")
PLAIN = ("w", "weight", "weights", "gamma")
"""What is an array by its name alone; of `kernel` or `filters` the text has to say it."""


def arrays_of(op: str, arguments: Sequence[Argument], text: ast.AST) -> dict[str, str]:
    """The op's arrays with the constructor's names; none unless it has to get a weight."""
    found: dict[str, str] = {}
    for name in (n for n in ARRAYS if n in names.OPS[op].inputs):
        free = [a for a in arguments if a.name not in found.values() and may_be_array(a)]
        likely = named(op, name, [a.name for a in free])
        if name in FIRST:
            likely = [n for n in likely if has_to_be(n, free) and is_used_as_array(n, free, text)]
        if likely and (found or name in FIRST):
            found[name] = likely[0]
    return found


def may_be_array(argument: Argument) -> bool:
    """Whether no default says that it is something else."""
    return not isinstance(argument.default, (bool, int, float, str, tuple))


def has_to_be(name: str, arguments: Sequence[Argument]) -> bool:
    return any(a.name == name and not a.optional for a in arguments)


def is_used_as_array(name: str, arguments: Sequence[Argument], text: ast.AST) -> bool:
    """Whether an argument is an array, by its name, its annotation, or what is done with it."""
    notes = [a.annotation for a in arguments if a.name == name]
    if any(notes):
        return "int" not in notes[0]
    if name.lower() in PLAIN:
        return True
    used = rf"\b(self\.)?{re.escape(name)}\.(shape|T|reshape|transpose|dot|copy|astype)\b"
    return re.search(used, ast.unparse(text)) is not None


# ---------------------------------------------------------------------- given


def given_arrays(one: Built, views: Mapping[str, View]) -> dict[str, Any]:
    """The constructor's arguments that are arrays, of the case."""
    arrays, inputs = one.target.options.arrays, one.call.inputs
    return {arrays[name]: view.give(inputs[name]).copy() for name, view in views.items()}


def array_views(one: Built) -> dict[str, View]:
    """How the arrays are given: the first way in which an object of unlike sizes answers."""
    ways = list(forms(one.call.op, shapes_of(one), one.layout))
    if len(ways) == 1:
        return ways[0]
    probe = probe_of(one)
    tried = enumerate(forms(one.call.op, shapes_of(probe), one.layout))
    found = ways[next((place for place, views in tried if fits(probe, views)), 0)]
    for name, view in found.items():
        if view.given_shape != view.shape or view.axes not in (None, (*range(len(view.shape)),)):
            own = one.target.options.arrays[name]
            one.call.note(f"{own} is given to the constructor in {worded(name, view)}")
    return found


def worded(name: str, view: View) -> str:
    """How an array is turned, without its sizes."""
    if name == "w":
        return f"the order of axes {view.axes}"
    return f"the shape ({', '.join('1' if size == 1 else 'n' for size in view.given_shape)})"


def shapes_of(one: Built) -> dict[str, Shape]:
    return {n: one.call.inputs[n].shape for n in one.target.options.arrays if n in one.call.inputs}


def forms(op: str, shapes: Mapping[str, Shape], layout: str) -> Iterator[dict[str, View]]:
    """The ways in which arrays of these shapes may be wanted, the likeliest first."""
    same = {name: View(shape) for name, shape in shapes.items()}
    if op in WEIGHT_AXES:
        for axes in WEIGHT_AXES[op]:
            turned = {**same, "w": View(shapes["w"], axes)}
            yield from ({**turned, **bias} for bias in reshaped(op, shapes, ("b",), layout))
    else:
        yield from ({**same, **scale} for scale in reshaped(op, shapes, ARRAYS[1:], layout))


def reshaped(
    op: str, shapes: Mapping[str, Shape], which: Sequence[str], layout: str
) -> Iterator[dict[str, View]]:
    """Vectors as they are, then as they are broadcast against images or rows."""
    own = {name: shapes[name] for name in which if name in shapes}
    yield {name: View(shape) for name, shape in own.items()}
    kinds: tuple[Shape, ...] = ((-1, 1),) if layout == COLUMNS else ((1, -1),)
    kinds = ((-1, 1), (-1, 1, 1), (1, -1, 1, 1)) if names.OPS[op].layout else kinds
    for kind in kinds if own and all(len(shape) == 1 for shape in own.values()) else ():
        yield {
            name: View(shape, inner=tuple(shape[0] if size < 0 else size for size in kind))
            for name, shape in own.items()
        }


# ---------------------------------------------------------------------- tried


def probe_of(one: Built) -> Built:
    """The same layer for sizes that are all unlike each other."""
    call, op = one.call, one.call.op
    if op in WEIGHT_AXES:
        simple = simple_call(call, one.target)
        there = {n: value for n, value in simple.inputs.items() if n in call.inputs}
        own = replace(simple, inputs=there, bare=False)
        return type(one)(one.namespace, own, one.target, one.layout)
    shape = call.inputs["x"].shape
    if len(shape) == 4:
        shape = (1, shape[1], shape[1] + 1, shape[1] + 2)
    inputs = {**call.inputs, "x": np.zeros(shape, call.inputs["x"].dtype)}
    own = replace(call.apart(), inputs=inputs, bare=False)
    return type(one)(one.namespace, own, one.target, one.layout)


def fits(probe: Built, views: Mapping[str, View]) -> bool:
    """Whether an object with arrays given like this answers with the right number of channels."""
    call = probe.call
    x, w = call.inputs["x"], call.inputs.get("w")
    sizes = constructor_sizes(call, x.shape, probe.layout)
    try:
        arrays = given_arrays(probe, views)
        probe.thing = construct(probe.namespace, call, probe.target, sizes, arrays)
        shape = np.shape(probe.output(data_view(call, probe.target, probe.layout, x.shape).give(x)))
    except NotImplementedYet:
        raise
    except Exception:  # it is no layer of arrays like these
        return False
    if w is None:
        view = data_view(call, probe.target, probe.layout, x.shape)
        return bool(shape == view.given_shape)
    if probe.layout == COLUMNS:
        return bool(shape == (sizes["filters"], x.shape[0]))
    channels = -1 if probe.layout in LAST or w.ndim == 2 else -3
    return len(shape) >= -channels and bool(shape[channels] == sizes["filters"])
