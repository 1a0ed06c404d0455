"""How arrays may have to be turned for a function, and which of several ways fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from ..call import Answer, Call
from ..target import Target
from ..views import View, rows

Views = Mapping[str, View]


def layouts(call: Call, target: Target) -> Iterator[Views]:
    """How the arrays may have to be turned, the likeliest first."""
    x, options = call.inputs["x"], target.options
    if options.columns:
        yield in_columns(call)
    elif options.rows:
        view = rows(x.shape, options.rows)
        yield {"x": view, "out": view}
    elif call.op == "affine":
        inner = (x.shape[0], int(np.prod(x.shape[1:])))
        flat = {} if options.flattens else {"x": View(x.shape, inner=inner)}
        turned = {**flat, "w": View(call.inputs["w"].shape, (1, 0))}
        yield from (turned, flat) if options.weights == "MD" else (flat, turned)
    else:
        shapes = {name: value.shape for name, value in call.inputs.items()}
        if call.out_shape is not None:
            shapes["out"] = call.out_shape
        axes = options.axes
        views = {n: View(shapes[n], tuple(axes[n])) for n in shapes if n in axes}
        if options.packs and axes and "b" in shapes:  # the course has (1, 1, 1, F)
            views["b"] = View(shapes["b"], inner=(1, 1, 1, *shapes["b"]))
        yield views


def in_columns(call: Call) -> Views:
    """The arrays of a layer whose samples are columns."""
    call.note("convention: samples are columns")
    shapes = {name: value.shape for name, value in call.inputs.items()}
    if call.op != "affine":
        return dict.fromkeys(("x", "out"), View(shapes["x"], (1, 0)))
    out = (shapes["x"][0], shapes["w"][1])
    turned = {n: View(shape, (1, 0)) for n, shape in {**shapes, "out": out}.items() if n != "b"}
    column = {"b": View(shapes["b"], inner=(*shapes["b"], 1))} if "b" in shapes else {}
    return {**turned, **column}


def of_unlike_sizes(call: Call) -> Call:
    """The call of a linear layer whose weight is not square, with zeros."""
    w = call.inputs["w"]
    shapes = {"x": (1, len(w)), "w": (len(w), len(w) + 1), "b": (len(w) + 1,)}
    inputs = {n: np.zeros(shapes[n], value.dtype) for n, value in call.inputs.items()}
    return replace(call.apart(), inputs=inputs, out_shape=None)


def fits(call: Call, answer: Answer) -> bool:
    """Whether out has its shape: an affine layer may take its weight for the other one."""
    if call.op != "affine":
        return True
    return bool(np.shape(answer["out"]) == (len(call.inputs["x"]), call.inputs["w"].shape[1]))
