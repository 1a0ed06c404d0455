"""What a file's docstrings settle: what dropout's p is, which shape group norm's gamma has."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .. import names
from ..defaults import declared
from ..inventory import File
from ..labels import is_one_hot
from ..meaning_of_p import meaning_of_p
from ..modes import has_gradient_in_test
from ..signatures import arguments_of
from ..target import KEEPS, SEEDED, SHARES, Takes, Target
from .arguments import ARGUMENTS, BACKWARD, places, sentences
from .otherwise import beyond_template, extras, widened

SHARING = ("conv2d", "max_pool", "layer_norm", "group_norm")
"""Whose dictionary the course's networks give to several layers, or may give."""

KEEPING = ("batch_norm_1d", "batch_norm")
"""Whose dictionary holds the running statistics from one step of training to the next."""


@dataclass(frozen=True)
class Options:
    """p: `keep` or `drop`, the probability that dropout's p is; empty if the file does not say ·
    gamma: `1C11` or `C`, the shape of group norm's gamma; empty if the file does not say · forward,
    backward: the names of the arguments that have a place, None where they are the template's ·
    extra: attributes that the template lacks, with the function's names · defaults: of its
    arguments · one_hot: whether labels are rows of 0 and 1."""

    p: str = ""
    gamma: str = ""
    forward: tuple[str, ...] | None = None
    backward: tuple[str, ...] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    one_hot: bool = False


def settled(file: File, target: Target) -> Target:
    """The target with the options that the file's signatures and its docstring settle."""
    function = file.functions.get(target.forward)
    gradient = file.functions.get(target.backward) if target.backward != target.forward else None
    template = ARGUMENTS[target.op]
    text = (ast.get_docstring(function) if function is not None else None) or ""
    extra = extras(target.op, target.takes, function)
    options = Options(
        meaning_of_p(text),
        gamma_form(text),
        None if function is None else places(function, template),
        None if gradient is None else places(gradient, BACKWARD),
        extra,
        {} if function is None else declared(arguments_of(function)),
        labels_are_one_hot(target.op, function),
    )
    more = () if function is None else beyond_template(target.op, function)
    given = {target.backward: (gradient, BACKWARD), target.forward: (function, template)}
    lost, lost_backward = (without_waiting(file, n) for n in (target.forward, target.backward))
    return replace(
        target,
        habits=(SHARES,) * (target.op in SHARING)
        + (KEEPS,) * (target.op in KEEPING)
        + (SEEDED,) * (target.op == "dropout"),
        takes=in_both_modes(file, widened(target.takes, extra), function, gradient),
        unknown=tuple(a.name for a in more if a.name not in extra.values()),
        options=options,
        own_way=sentences(given),
        lost=lost,
        lost_backward="" if lost else lost_backward,
    )


def in_both_modes(
    file: File, takes: Takes, forward: ast.FunctionDef | None, backward: ast.FunctionDef | None
) -> Takes:
    """What a batch norm takes: with dout in test mode, too, where its backward has a gradient
    there, which the course does not ask for."""
    asked = takes.forward_only and has_gradient_in_test(backward, file.functions, forward)
    return replace(takes, forward_only={}) if asked else takes


def labels_are_one_hot(op: str, function: ast.FunctionDef | None) -> bool:
    """Whether a loss takes its labels as rows of 0 and 1: by its second argument, or as it says."""
    if function is None or not names.OPS[op].labels:
        return False
    own = [a.name for a in arguments_of(function)][:2]
    return is_one_hot(own[-1] if own else "", function)


def without_waiting(file: File, name: str) -> str:
    """Why a function that returns before it is done is not asked; empty for any other."""
    node = file.definitions.get(name)
    return "it is async: a layer is called and returns" * isinstance(node, ast.AsyncFunctionDef)


def gamma_form(docstring: str) -> str:
    """`1C11` or `C`: the shape of gamma in group norm, as the docstring says."""
    text = "".join(docstring.split())
    if "(1,C,1,1)" in text:
        return "1C11"
    return "C" if re.search(r"(gamma|scale)[^(]*\(C,\)", text, re.IGNORECASE) else ""
