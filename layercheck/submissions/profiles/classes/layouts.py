"""Layouts of layer objects: NCHW, NHWC, or one image at a time, (C, H, W), (H, W, C), (H, W); and
samples that are the columns of a matrix.

A constant or attribute `data_format`, a docstring or the names in `n, c, h, w = x.shape` say which
it is of images; that a linear layer multiplies its weight by x says that samples are columns.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import names
from ..call import Call
from ..packed import weight_comes_first
from ..signatures import literal
from ..target import Target
from ..views import View, rows
from .layers import Layer

LAYOUT_AXES = {"NCHW": None, "NHWC": (0, 2, 3, 1), "CHW": None, "HWC": (1, 2, 0), "HW": None}


TURNING = ("transpose", "moveaxis", "rollaxis", "swapaxes", "permute", "rearrange", "reshape")
"""What may put axes in another order."""

ON_PIXELS = ((2, 3), (0, 2, 3), (-2, -1))
"""The axes of NCHW's pixels."""

COLUMNS = "columns"
"""The layout of matrices whose columns are the samples."""


def layout_of(tree: ast.Module, layer: Layer, parameters: Mapping[str, Sequence[str]]) -> str:
    """NCHW, NHWC, CHW, HWC or HW as the text says; `auto` if it does not; `columns` of a linear
    layer, where its samples are. parameters: where the object keeps them."""
    if layer.op == "affine":
        return COLUMNS if in_columns(layer, parameters.get("w", ())) else ""
    if not names.OPS[layer.op].layout:
        return ""
    return declared_layout(tree, layer) or unpacked_layout(layer) or layout_by_axes(layer) or "auto"


def layout_by_axes(layer: Layer) -> str:
    """NCHW where forward counts on axes 2 and 3 of what it is given: windows of them, or a mean
    over them; empty where it says nothing, or gives the axes another order first."""
    forward = layer.methods[layer.forward]
    calls = [node for node in ast.walk(forward) if isinstance(node, ast.Call)]
    named = [ast.unparse(call.func).rpartition(".")[2] for call in calls]
    if any(name in TURNING for name in named) or ".T" in ast.unparse(forward):
        return ""
    axes = [literal(k.value) for call in calls for k in call.keywords if k.arg == "axis"]
    pairs = zip(calls, named, strict=True)
    axes += [literal(c.args[2]) for c, n in pairs if n == "sliding_window_view" and c.args[2:]]
    return "NCHW" if any(a in ON_PIXELS for a in axes) and (1, 2) not in axes else ""


def in_columns(layer: Layer, kept: Sequence[str]) -> bool:
    """Whether forward multiplies the weight, which is kept here, by its input."""
    arguments = layer.arguments(layer.forward)
    if not kept or not arguments:
        return False
    weight = f"self.{kept[0]}" + "".join(f"[{key!r}]" for key in kept[1:])
    text = ast.unparse(layer.methods[layer.forward])
    x = arguments[0].name
    return any(weight_comes_first(text, weight, own) for own in (x, f"self.{x}"))


def declared_layout(tree: ast.Module, layer: Layer) -> str:
    """By a constant or attribute data_format, the constructor's default, or a docstring."""
    said = [a.default for a in layer.arguments("__init__") if a.name == "data_format"]
    for body in (
        layer.node.body,
        *(c.body for c in layer.text.body if isinstance(c, ast.ClassDef)),
        tree.body,
    ):
        said += [
            literal(n.value)
            for n in body
            if isinstance(n, ast.Assign)
            for t in n.targets
            if isinstance(t, ast.Name) and t.id.lower() in ("data_format", "layout")
        ]
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
    if op == "batch_norm_1d" or layout == COLUMNS:
        return {"x": (None, None)}
    return {"x": (None, 1, None, None)} if layout == "HW" and op == "conv2d" else {}


def data_view(call: Call, target: Target, layout: str, shape: tuple[int, ...]) -> View:
    """How x or out is given to the object."""
    if len(layout) in (2, 3):
        return one_image_view(call.op, layout, shape)
    if layout == COLUMNS:
        return View(shape, (1, 0))
    if call.op == "affine" and len(shape) > 2:
        return View(shape, inner=(shape[0], int(np.prod(shape[1:]))))
    if target.options.rows:
        return rows(shape, target.options.rows)
    return View(shape, LAYOUT_AXES.get(layout) if len(shape) == 4 else None)


def one_image_view(op: str, layout: str, shape: tuple[int, ...]) -> View:
    """The same where it takes one image at a time."""
    inner = {"CHW": shape[1:], "HW": shape[2:]}.get(layout)
    if layout == "HW" and op == "conv2d" and shape[1] != 1:
        return View(shape, (0, 2, 3, 1), (shape[2], shape[3], shape[1]))
    if inner is not None:
        return View(shape, inner=inner)
    return View(shape, (0, 2, 3, 1), (shape[2], shape[3], shape[1]))


def guessed_view(view: View, layout: str, out: Any) -> View:
    """The view of out where no dout tells its shape."""
    shape = np.shape(out)
    if layout == COLUMNS and len(shape) == 2:
        return View(shape[::-1], (1, 0))
    if layout == "NHWC" and len(shape) == 4:
        return View((shape[0], shape[3], shape[1], shape[2]), (0, 2, 3, 1))
    if layout == "HWC" and len(shape) == 3:
        return View((1, shape[2], shape[0], shape[1]), (0, 2, 3, 1), shape)
    if layout in ("CHW", "HW"):
        return View((1, *(1,) * (3 - len(shape)), *shape), inner=shape)
    return view if shape == view.given_shape else View(shape)
