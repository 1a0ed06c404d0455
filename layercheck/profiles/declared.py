"""Functions that say themselves which op they are: `@layercheck.implements("conv2d", ...)`.

    @layercheck.implements("conv2d", backward="my_gradient", x="image", stride="step")
    def my_convolution(image, w, b, step=1): ...

The same in a pyproject.toml, where the source is not to be touched:

    [tool.layercheck.conv2d]
    forward = "my_convolution"
    backward = "my_gradient"
    arguments = {x = "image", stride = "step"}
    layout = "NHWC"
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from . import ops
from .functional import call, make_target
from .profile import Target
from .signatures import UNKNOWN, functions_of, literal
from .sources import load

__all__ = ["DESCRIPTION", "NAME", "call", "from_table", "load", "recognise", "targets"]

NAME = "declared"
DESCRIPTION = "functions marked with @layercheck.implements, or mapped in a pyproject.toml"

SETTINGS = ("backward", "layout", "weights", "fixed", "required", "absent", "kinds", "gradients",
            "momentum", "p", "arguments", "forward")  # fmt: skip
LAYOUTS = {"NCHW": None, "NHWC": (0, 2, 3, 1)}
WEIGHTS = {"FCHW": None, "HWCF": (2, 3, 1, 0), "FHWC": (0, 2, 3, 1), "CFHW": (1, 0, 2, 3)}


def recognise(tree: ast.Module) -> int:
    """How many functions carry the decorator; each counts twice, since it is explicit."""
    return 2 * len(list(decorated(tree)))


def targets(tree: ast.Module, source: str) -> list[Target]:
    """One for each decorated function, in the order of the file."""
    return [declare(tree, op, {"forward": name, **settings})
            for op, name, settings in decorated(tree)]  # fmt: skip


def from_table(table: Mapping[str, Any], tree: ast.Module | None = None) -> list[Target]:
    """Targets of a `[tool.layercheck]` table: one subtable for each op.

    tree: of the submission; what the table leaves open is read from it.
    Raises ValueError for an op that does not exist or a subtable without `forward`.
    """
    made, source = [], tree or ast.Module([], [])
    for op, settings in table.items():
        if op not in ops.OPS:
            raise ValueError(f"[tool.layercheck.{op}]: expected one of: {', '.join(ops.OPS)}")
        if not isinstance(settings, Mapping) or "forward" not in settings:
            raise ValueError(f'[tool.layercheck.{op}]: expected forward = "name of a function"')
        made.append(declare(source, op, settings))
    return made


def decorated(tree: ast.Module) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(op, function's name, settings) for each `implements` decorator."""
    for name, function in functions_of(tree).items():
        for mark in function.decorator_list:
            if isinstance(mark, ast.Call) and is_implements(mark.func) and mark.args:
                op = literal(mark.args[0])
                if op not in ops.OPS:
                    raise ValueError(f"{name}: implements({op!r}); expected one of: "
                                     f"{', '.join(ops.OPS)}")  # fmt: skip
                yield op, name, settings_of(mark)


def is_implements(node: ast.expr) -> bool:
    return ast.unparse(node) in ("implements", "layercheck.implements")


def settings_of(mark: ast.Call) -> dict[str, Any]:
    """The decorator's keywords: names of functions stand for themselves."""
    found = {}
    for keyword in mark.keywords:
        value = literal(keyword.value)
        if value is UNKNOWN and isinstance(keyword.value, ast.Name):
            value = keyword.value.id
        found[keyword.arg or ""] = value
    return found


def declare(tree: ast.Module, op: str, settings: Mapping[str, Any]) -> Target:
    """A target from settings; what they leave open is read from the signature."""
    given = {**settings.get("arguments", {}),
             **{k: v for k, v in settings.items() if k not in SETTINGS}}  # fmt: skip
    unknown = [name for name in given if name not in known_arguments(op)]
    if unknown:
        raise ValueError(f"{op} has no {unknown[0]!r}; expected any of: "
                         f"{', '.join((*known_arguments(op), *SETTINGS))}")  # fmt: skip
    forward, backward = settings["forward"], settings.get("backward") or ""
    options: dict[str, Any] = {"axes": axes_of(op, settings)}
    options.update({n: settings[n] for n in ("gradients", "momentum", "p") if n in settings})
    if op == "affine" and settings.get("weights") in ("DM", "MD"):
        options["w"] = settings["weights"]
    if forward not in functions_of(tree):
        return Target(op, forward, backward, "call", {"arguments": given, **options})
    target = make_target(tree, op, forward, backward, given, options)
    return replace(
        target, op=op, shapes=target.shapes if op == target.op else {},
        fixed={**target.fixed, **settings.get("fixed", {})},
        required=tuple(settings.get("required", target.required)),
        absent=tuple(settings.get("absent", target.absent)),
        kinds={**target.kinds, **settings.get("kinds", {})},
    )  # fmt: skip


def known_arguments(op: str) -> tuple[str, ...]:
    facts = ops.OPS[op]
    return (*facts.inputs, *facts.defaults)


def axes_of(op: str, settings: Mapping[str, Any]) -> dict[str, list[int]]:
    """The order of axes of each array, for a layout of images and one of weights."""
    images = LAYOUTS.get(settings.get("layout", "NCHW"))
    weights = WEIGHTS.get(settings.get("weights", "FCHW")) if op.startswith("conv2d") else None
    made: dict[str, list[int]] = {}
    if images is not None:
        made.update(x=list(images), out=list(images))
    if weights is not None:
        made["w"] = list(weights)
    return made
