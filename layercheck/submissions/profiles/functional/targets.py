"""What the signatures of a forward and a backward say: which op's arguments theirs are."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .. import names
from ..defaults import declared, differing
from ..drawing import generator_argument
from ..factors import factors_taken
from ..flattened import flattens
from ..halves import in_halves, kinds_of_halves
from ..handed_on import hands_on, with_cache
from ..inventory import File
from ..keywords import is_handed_on
from ..labels import is_one_hot, of_loss, undecided
from ..meaning_of_p import docstrings_of, settled_p
from ..members import members_of
from ..packed import packs_of
from ..sides import forms_of, undecided_sides, with_sides
from ..signatures import (
    WORDS,
    Argument,
    arguments_of,
    handles_none,
    kinds,
    match,
    only_integers,
    only_numbers,
    unknown,
    word_as_written,
)
from ..target import FLAT, MATRICES, Takes, Target
from ..unsettled import unsettled
from ..vectors import is_of_vectors
from .backwards import FORWARD, backward_roles, lost_backward, told_nothing
from .options import Options, also_known, course_axes, in_columns, narrowed


def forward_op(name: str) -> str:
    """The op whose forward has this name; empty if there is none."""
    stems = (name.removesuffix(ending) for ending in FORWARD if name.endswith(ending))
    return next((names.op_named(stem) for stem in stems if names.op_named(stem)), "")


def make_target(
    file: File,
    op: str,
    forward: str,
    backward: str,
    given: Mapping[str, str] | None = None,
    said: Container[str] = (),
) -> Target:
    """A target from the signatures of its two functions.

    given: op's names with the function's, where they are known already · said: attributes whose
    value is told elsewhere.
    """
    arguments = arguments_of(function := file.functions[forward])
    matched = match(op, arguments, {**of_loss(op, arguments, function), **(given or {})})
    by_name = {a.name: a for a in arguments}
    text, gradient = file.reach(function), file.functions.get(backward)
    taken = [] if gradient is None else arguments_of(gradient)
    roles = backward_roles(op, taken, matched, given or {})
    options = options_of(op, function, gradient, text, Options(matched, backward=roles))
    extra = {n: a.default for n, a in by_name.items() if a.optional and n not in matched.values()}
    own_op = vectors_only(op, file, function)
    takes = takes_of(op, text, function, by_name, options)
    told = dict(told_nothing(op, matched, options.backward, options.defaults))
    takes = replace(takes, gradient_at=told)
    return Target(
        own_op,
        forward,
        backward,
        narrowed(takes, options, own_op != op),
        unknown=(*extra, *unread(function)),
        lost=undecided(op, arguments, function)
        or undecided_sides(options.forms, matched)
        or lost(op, function, arguments, {**matched, **also_known(options)})
        or unsettled(own_op, takes, extra, said),
        lost_backward=lost_backward(op, taken, roles) if gradient is not None else "",
        defaults=tuple(differing(op, matched, options.defaults, options)),
        options=options,
        habits=asked_in_rows(op, options),
    )


def options_of(
    op: str,
    function: ast.FunctionDef,
    gradient: ast.FunctionDef | None,
    text: ast.Module,
    options: Options,
) -> Options:
    """How two functions are called, with what their text says. text: all that the forward
    mentions, too."""
    arguments, matched = arguments_of(function), options.arguments
    taken = [] if gradient is None else arguments_of(gradient)
    packs = packs_of(op, arguments, function, *([] if gradient is None else [gradient]))
    named = dict(conventions(text, op, function, matched, {a.name: a for a in arguments}))
    named |= in_columns(op, function, gradient, matched)
    named |= {"axes": course_axes(op, function)} if packs or op == "pad" else {}
    forms = forms_of(op, text, matched, arguments)
    options = replace(options, order=places(arguments), backward_order=places(taken), packs=packs)
    options = replace(options, defaults=declared(arguments), forms=forms, **named)
    options = replace(options, members=members_of(text, matched, arguments))
    return with_either(op, function, options)


def with_either(op: str, function: ast.FunctionDef, options: Options) -> Options:
    """The options of a backward that gets what its forward handed on, whatever its argument is
    called; or else, by `settled`, what the name says."""
    roles = with_cache(options.backward) if hands_on(op, function) else options.backward
    other = roles != options.backward
    return replace(options, backward=roles, otherwise=options) if other else options


def asked_in_rows(op: str, options: Options) -> tuple[str, ...]:
    """How it is asked with fewer axes than the op has, if it is."""
    if options.rows > 0:
        return (MATRICES,)
    is_flat = op == "affine" and not options.flattens and not options.columns
    return (FLAT,) if is_flat else ()


def takes_of(
    op: str,
    text: ast.Module,
    function: ast.FunctionDef,
    arguments: Mapping[str, Argument],
    options: Options,
) -> Takes:
    """The cases that the signature can express. text: the function, and all that it mentions."""
    facts, matched = names.OPS[op], options.arguments
    own = {n: arguments[a] for n, a in matched.items() if n in facts.attributes and a in arguments}
    spatial = {n: one for n, one in own.items() if n in names.SPATIAL}
    taken = {name: kinds(text, one) for name, one in spatial.items()}
    return Takes(
        fixed=fixed(op, matched),
        integer=only_integers(text, spatial, taken),
        required=tuple(required(op, function, matched, arguments)),
        absent=tuple(n for n in facts.optional if n not in matched),
        factors=factors_taken(taken, options.forms),
        kinds=with_sides(taken, options.forms)
        | {n: ["int"] for n in own.keys() - spatial if only_numbers(text, own[n])}
        | kinds_of_halves(matched, declared(list(arguments.values()))),
    )


def places(arguments: Sequence[Argument]) -> tuple[str, ...]:
    """The names of the arguments that may be given by place."""
    return tuple(a.name for a in arguments if not a.by_keyword)


def lost(
    op: str,
    function: ast.FunctionDef,
    arguments: Sequence[Argument],
    matched: Mapping[str, str],
) -> str:
    """Why a forward cannot be called; empty if it can."""
    stars = {"*": function.args.vararg, "**": function.args.kwarg}
    unnamed = [f"{star}{arg.arg}" for star, arg in stars.items() if arg is not None]
    if not arguments and unnamed:
        return f"its arguments {', '.join(unnamed)} have no names"
    without = unknown(arguments, matched)
    if without:
        return f"nothing is known of its argument {', '.join(without)}"
    facts = names.OPS[op]
    lacking = [n for n in facts.inputs if n not in facts.optional and n not in matched]
    if lacking:
        return f"it has no argument for {', '.join(lacking)}"
    needed = (n for n, usual in facts.attributes.items() if usual == names.REQUIRED)
    unsaid = [n for n in needed if n not in {*matched, *in_halves(matched)}]
    rest = unread(function) if unsaid else []
    told = f"nothing says which setting of its {', '.join(rest)} is {', '.join(unsaid)}"
    return f"{told}; name it in its signature" if rest else ""


def unread(function: ast.FunctionDef) -> list[str]:
    """Its `**kw`, where it does anything else with it than reading some settings by their names."""
    kwarg = function.args.kwarg
    return [f"**{kwarg.arg}"] if kwarg is not None and is_handed_on(function) else []


def fixed(op: str, matched: Mapping[str, str]) -> dict[str, Any]:
    """What the signature cannot express, at the op's default; a size of 2 where there is none."""
    attributes, known = names.OPS[op].attributes, {*matched, *in_halves(matched), "mask_seed"}
    lacking = {n: v for n, v in attributes.items() if n not in known}
    return {n: 2 if v == names.REQUIRED else v for n, v in lacking.items()}


TOGETHER = {"running_mean": ("running_var",), "running_var": ("running_mean",)}
"""Inputs of which there are both or none: who asks whether one is there asks for both."""


def required(
    op: str,
    function: ast.FunctionDef,
    matched: Mapping[str, str],
    arguments: Mapping[str, Argument],
) -> Iterator[str]:
    """Optional inputs that the function has to get."""
    for name in names.OPS[op].optional:
        own = arguments.get(matched.get(name, ""))
        both = [matched[n] for n in (name, *TOGETHER.get(name, ())) if n in matched]
        handled = any(handles_none(function, argument) for argument in both)
        if own is not None and not own.optional and not handled:
            yield name


def conventions(
    text: ast.Module,
    op: str,
    function: ast.FunctionDef,
    matched: Mapping[str, str],
    arguments: Mapping[str, Argument],
) -> Iterator[tuple[str, Any]]:
    """Options that names and defaults settle."""
    momentum = arguments.get(matched.get("momentum", ""))
    if momentum is not None and (momentum.name == "decay" or at_least_half(momentum.default)):
        yield "momentum", "decay"
    if op == "affine":
        yield "weights", "MD" if "linear" in function.name.lower() else "DM"
        yield "flattens", flattens(function, matched.get("x", ""))
    if op in ("softmax", "log_softmax") and "dim" not in matched:
        yield "rows", 1
    if names.OPS[op].of_last_axes and "normalized_dims" not in matched:
        yield "rows", 1
    if op == "dropout":
        yield "p", settled_p(matched.get("p", "p"), docstrings_of(function))
        yield "generator", generator_argument(list(arguments.values()), ast.unparse(function))
    words = {word: word_as_written(text, word) for word in WORDS}
    if "y" in matched and names.OPS[op].labels:
        yield "one_hot", is_one_hot(matched["y"], function)
    if "padding" in matched:
        yield "words", {word: own for word, own in words.items() if own != word}


def at_least_half(value: Any) -> bool:
    """Whether a momentum's default is that of one which counts the old statistics."""
    return isinstance(value, float) and value >= 0.5


def vectors_only(op: str, file: File, function: ast.FunctionDef) -> str:
    """batch_norm_1d for a batch_norm whose text knows of no image."""
    if op != "batch_norm" or re.search(r"2d|spatial", function.name.lower()):
        return op
    return "batch_norm_1d" if is_of_vectors(file, function) else op
