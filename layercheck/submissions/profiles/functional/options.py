"""How two functions are called, and what their columns and dictionaries leave to be asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import names
from ..classes.layouts import layout_in
from ..members import Members
from ..packed import COLUMNS, Packs, attributes_in, weight_comes_first
from ..sides import Forms
from ..target import Takes


@dataclass(frozen=True)
class Options:
    """How two functions are called.

    arguments: the op's names with the forward's own · order, backward_order: the arguments that
    have a place · backward: what each argument of the backward gets: dout, cache, out, or a name of
    the op · momentum:
    `decay` if it is the share of the old statistics · p: `keep` or `drop`, empty if the text does
    not say · weights: `MD` or `DM`,
    which axis of an affine weight comes first · rows: how many trailing axes make a row, 0 for all
    as they are · words: paddings as the file writes them · axes: the order of an array's axes,
    where it is told · gradients: the order of what the backward returns, where it is told ·
    generator: the argument that gets one, and its kind · packs: dictionaries of attributes, by the
    argument's name · constants: arguments that get one value, by name · columns: whether samples
    are columns · means: whether the gradients of parameters are means over the samples · one_hot:
    whether labels are rows of 0 and 1 · defaults: those that the signature declares, by its own
    names · forms: attributes that are given as four numbers, or always as two ·
    flattens: whether an affine layer makes rows of its input itself · members: attributes whose
    words are members of an Enum · otherwise: how they are
    called if an argument of the backward is what its name says, where that is left open.
    """

    arguments: Mapping[str, str]
    order: tuple[str, ...] = ()
    backward_order: tuple[str, ...] = ()
    backward: Mapping[str, str] = field(default_factory=dict)
    momentum: str = ""
    p: str = ""
    weights: str = ""
    rows: int = 0
    words: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    gradients: tuple[str, ...] = ()
    generator: tuple[str, str] = ("", "")
    packs: Packs = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    columns: bool = False
    means: bool = False
    one_hot: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    forms: Forms = field(default_factory=dict)
    flattens: bool = False
    members: Mapping[str, Members] = field(default_factory=dict)
    otherwise: Options | None = None


def also_known(options: Options) -> dict[str, str]:
    """Arguments that something is known of, and that are none of the op's."""
    return {f" {name}": name for name in (options.generator[0], *options.packs)}


def narrowed(takes: Takes, options: Options, vectors: bool) -> Takes:
    """The cases that are left: of columns only matrices, of a dictionary what its keys say."""
    if vectors or options.columns:
        takes = replace(takes, shapes={**takes.shapes, "x": (None, None)})
    held = attributes_in(options.packs)
    if not held:
        return takes
    lacking = {n: v for n, v in takes.fixed.items() if n not in held}
    kinds_held = dict.fromkeys(held & set(names.SPATIAL), ("int",))
    square = ("w",) if "w" in options.axes else ()
    return replace(takes, fixed=lacking, kinds={**takes.kinds, **kinds_held}, square=square)


PADS_NHWC = re.compile(r"\(0, 0\), \((\w+), \1\), \(\1, \1\), \(0, 0\)")
"""How images NHWC are padded."""


def course_axes(op: str, function: ast.FunctionDef) -> dict[str, tuple[int, ...]]:
    """The axes of deeplearning.ai's arrays: images NHWC, weights (f, f, C, F); none where a
    docstring says that images are NCHW."""
    layout = layout_in(ast.get_docstring(function) or "")
    if op == "pad" and layout != "NHWC" and not PADS_NHWC.search(ast.unparse(function)):
        return {}
    if op not in ("conv2d", "max_pool", "avg_pool", "pad") or layout == "NCHW":
        return {}
    found: dict[str, tuple[int, ...]] = {"x": (0, 2, 3, 1), "out": (0, 2, 3, 1)}
    return {**found, "w": (2, 3, 1, 0)} if op == "conv2d" else found


def in_columns(
    op: str,
    function: ast.FunctionDef,
    gradient: ast.FunctionDef | None,
    matched: Mapping[str, str],
) -> dict[str, Any]:
    """Options of a linear layer or a softmax whose samples are columns; none of any other."""
    text = ast.unparse(function)
    if op == "affine" and weight_comes_first(text, matched.get("w", ""), matched.get("x", "")):
        over = gradient is not None and re.search(r"/ m\b|1(\.0?)? / m\b", ast.unparse(gradient))
        return {"columns": True, "means": bool(over), "weights": "MD"}
    if op in ("softmax", "log_softmax") and "dim" not in matched and "axis=0" in text:
        other = re.search(r"axis=(-1|1)\b", text)
        if not other and COLUMNS.search(ast.get_docstring(function) or ""):
            return {"columns": True, "rows": 0}
    return {}
