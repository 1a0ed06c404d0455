"""The arguments of the templates' functions, and how a file calls them that has them otherwise."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..call import Call
from ..defaults import leave_away
from ..signatures import Argument, arguments_of, placed

NORM = ("x", "gamma", "beta")
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "affine": ("x", "w", "b"),
    "relu": ("x",),
    "softmax_cross_entropy": ("x", "y"),
    "svm_loss": ("x", "y"),
    "batch_norm_1d": (*NORM, "bn_param"),
    "batch_norm": (*NORM, "bn_param"),
    "layer_norm": (*NORM, "ln_param"),
    "dropout": ("x", "dropout_param"),
    "conv2d": ("x", "w", "b", "conv_param"),
    "max_pool": ("x", "pool_param"),
    "group_norm": (*NORM, "G", "gn_param"),
}
"""What the forward of each op takes, in the template's order."""

BACKWARD = ("dout", "cache")


def places(function: ast.FunctionDef, template: Sequence[str]) -> tuple[str, ...] | None:
    """The names of the arguments that have a place, where they are the template's in another order
    or by keyword only; None where it is called as the template is."""
    arguments = arguments_of(function)
    own = [a.name for a in arguments if not a.by_keyword]
    needed = {a.name for a in arguments if not a.optional}
    if own[: len(template)] == list(template) or not is_unmistakable(arguments, needed, template):
        return None
    return tuple(own)


def is_unmistakable(
    arguments: Sequence[Argument], needed: set[str], template: Sequence[str]
) -> bool:
    """Whether every name of the template is there, and nothing else has to be given."""
    return {*template} <= {a.name for a in arguments} and needed <= {*template}


def called(
    own: Sequence[str] | None, template: Sequence[str], values: Sequence[Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments as the function takes them: by place, or by name.

    own: the names that have a place, None for the template's.
    """
    if own is None:
        return list(values), {}
    return placed(own, dict(zip(template, values, strict=True)))


def beside(call: Call, options: Any) -> dict[str, Any]:
    """Attributes that the template lacks, by the function's names."""
    given = {own: call.attributes[name] for name, own in options.extra.items()}
    return leave_away(call, given, options.defaults)


def sentence(function: ast.FunctionDef, template: Sequence[str]) -> str:
    """What to tell of a function whose arguments are not the template's; empty if they are."""
    own = places(function, template)
    if own is None:
        return ""
    if any(name in template for name in own):
        text = f"takes ({', '.join(own)}) where the template has ({', '.join(template)})"
        return f"{text}: called by name"
    return f"takes ({', '.join(template)}) by name only: the course gives them by place"


def sentences(
    functions: Mapping[str, tuple[ast.FunctionDef | None, Sequence[str]]],
) -> dict[str, str]:
    """The same of several functions, by their names."""
    told = {n: sentence(f, template) for n, (f, template) in functions.items() if f is not None}
    return {name: text for name, text in told.items() if text}


def order_of(
    gradients: tuple[str, ...],
    own: Sequence[str] | None,
    values: Sequence[Any],
    inputs: Mapping[str, Any],
) -> tuple[str, ...]:
    """The gradients in the template's order; in that of the forward's own arguments where the
    shapes fit no other.

    own: the names of the forward's arguments, None for the template's.
    """
    other = tuple(f"d{name}" for name in own or () if f"d{name}" in gradients)
    shapes = [np.shape(value) for value in values]
    expected = [[np.shape(inputs[name[1:]]) for name in names] for names in (gradients, other)]
    fits_only_other = len(other) == len(gradients) and expected[0] != shapes == expected[1]
    return other if fits_only_other else gradients
