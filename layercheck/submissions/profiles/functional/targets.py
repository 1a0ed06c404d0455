"""What the signatures of a forward and a backward say: which op's arguments theirs are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import names
from ..defaults import declared, differing
from ..inventory import File
from ..signatures import (
    WORDS,
    Argument,
    arguments_of,
    handles_none,
    kinds,
    match,
    unknown,
    word_as_written,
)
from ..target import Takes, Target

FORWARD = ("", "_forward", "_fwd")
BACKWARD = ("_backward", "_grad", "_bwd")


@dataclass(frozen=True)
class Options:
    """How two functions are called.

    arguments: the op's names with the forward's own · order, backward_order: the arguments that
    have a place · backward: what each argument of the backward gets: dout, cache, out, or a name of
    the op · momentum:
    `decay` if it is the share of the old statistics · p: `keep` or `drop` · weights: `MD` or `DM`,
    which axis of an affine weight comes first · rows: how many trailing axes make a row, 0 for all
    as they are · words: paddings as the file writes them · axes: the order of an array's axes,
    where it is told · gradients: the order of what the backward returns, where it is told ·
    defaults: those that the signature declares, by its own names.
    """

    arguments: Mapping[str, str]
    order: tuple[str, ...] = ()
    backward_order: tuple[str, ...] = ()
    backward: Mapping[str, str] = field(default_factory=dict)
    momentum: str = ""
    p: str = "drop"
    weights: str = ""
    rows: int = 0
    words: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    gradients: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


def forward_op(name: str) -> str:
    """The op whose forward has this name; empty if there is none."""
    stems = (name.removesuffix(ending) for ending in FORWARD if name.endswith(ending))
    return next((names.op_named(stem) for stem in stems if names.op_named(stem)), "")


def backward_of(name: str, functions: Mapping[str, ast.FunctionDef]) -> str:
    """The backward that belongs to a forward; empty if there is none.

    Beside `relu_forward`, `relu` has none: `relu_backward` knows the other one's cache.
    """
    others = {names.plain(other) for other in functions}
    if any(names.plain(name + ending) in others for ending in FORWARD if ending):
        return ""
    stems = [name.removesuffix(ending) for ending in FORWARD if name.endswith(ending)]
    plain = {names.plain(stem) for stem in stems}
    own = [stem + ending for stem in stems for ending in BACKWARD]
    alike = [
        other
        for other in functions
        for ending in BACKWARD
        if other.endswith(ending) and names.plain(other.removesuffix(ending)) in plain
    ]
    return next((n for n in (*own, *alike) if n in functions), "")


def make_target(
    file: File, op: str, forward: str, backward: str, given: Mapping[str, str] | None = None
) -> Target:
    """A target from the signatures of its two functions.

    given: op's names with the function's, where they are known already.
    """
    function = file.functions[forward]
    arguments = arguments_of(function)
    matched = match(op, arguments, given or {})
    by_name = {a.name: a for a in arguments}
    text, gradient = file.reach(function), file.functions.get(backward)
    taken = [] if gradient is None else arguments_of(gradient)
    roles = backward_roles(op, taken, matched, given or {})
    options = Options(
        matched,
        order=places(arguments),
        backward_order=places(taken),
        backward=roles,
        defaults=declared(arguments),
    )
    options = replace(options, **dict(conventions(text, op, function, matched, by_name)))
    extra = tuple(a.name for a in arguments if a.optional and a.name not in matched.values())
    own_op = vectors_only(op, ast.unparse(function))
    takes = takes_of(op, text, function, matched, by_name)
    return Target(
        own_op,
        forward,
        backward,
        replace(takes, shapes={"x": (None, None)}) if own_op != op else takes,
        unknown=extra,
        lost=lost(op, function, arguments, matched),
        lost_backward=lost_backward(op, taken, roles) if gradient is not None else "",
        defaults=tuple(differing(op, matched, options.defaults, options)),
        options=options,
    )


def takes_of(
    op: str,
    text: ast.Module,
    function: ast.FunctionDef,
    matched: Mapping[str, str],
    arguments: Mapping[str, Argument],
) -> Takes:
    """The cases that the signature can express. text: the function, and all that it mentions."""
    facts = names.OPS[op]
    spatial = [n for n in matched if n in names.SPATIAL and n in facts.attributes]
    return Takes(
        fixed=fixed(op, matched),
        required=tuple(required(op, function, matched, arguments)),
        absent=tuple(n for n in facts.optional if n not in matched),
        kinds={n: kinds(text, arguments[matched[n]]) for n in spatial if matched[n] in arguments},
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
    return f"it has no argument for {', '.join(lacking)}" if lacking else ""


def lost_backward(op: str, arguments: Sequence[Argument], roles: Mapping[str, str]) -> str:
    """Why a backward cannot be called; empty if it can."""
    without = [name for name, role in roles.items() if not role]
    if without:
        return f"nothing is known of its argument {', '.join(without)}"
    if "dout" not in roles.values() and not names.OPS[op].labels:
        return "it takes no dout: a derivative, and no backward(dout, cache)"
    return "" if arguments else "it takes no argument; expected dout and the cache"


def fixed(op: str, matched: Mapping[str, str]) -> dict[str, Any]:
    """What the signature cannot express, at the op's default; a size of 2 where there is none."""
    attributes = names.OPS[op].attributes
    lacking = {n: v for n, v in attributes.items() if n not in matched and n != "mask_seed"}
    return {n: 2 if v == names.REQUIRED else v for n, v in lacking.items()}


def required(
    op: str,
    function: ast.FunctionDef,
    matched: Mapping[str, str],
    arguments: Mapping[str, Argument],
) -> Iterator[str]:
    """Optional inputs that the function has to get."""
    for name in names.OPS[op].optional:
        own = arguments.get(matched.get(name, ""))
        if own is not None and not own.optional and not handles_none(function, own.name):
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
    if op in ("softmax", "log_softmax") and "dim" not in matched:
        yield "rows", 1
    if op == "layer_norm" and "normalized_dims" not in matched:
        yield "rows", 1
    if "keep" in matched.get("p", ""):
        yield "p", "keep"
    words = {word: word_as_written(text, word) for word in WORDS}
    if "padding" in matched:
        yield "words", {word: own for word, own in words.items() if own != word}


def at_least_half(value: Any) -> bool:
    """Whether a momentum's default is that of one which counts the old statistics."""
    return isinstance(value, float) and value >= 0.5


def vectors_only(op: str, text: str) -> str:
    """batch_norm_1d for a batch_norm whose text averages over axis 0 alone."""
    alone = "axis=0" in text or "mean(0" in text
    images = any(part in text for part in ("2, 3", "reshape", "transpose", ".ndim", "swapaxes"))
    return "batch_norm_1d" if op == "batch_norm" and alone and not images else op


# ---------------------------------------------------------------------- the backward's arguments


def backward_roles(
    op: str,
    arguments: Sequence[Argument],
    forward: Mapping[str, str],
    given: Mapping[str, str],
) -> dict[str, str]:
    """What each argument of a backward gets: {its name: dout, cache, out, or an op's name}.

    The first argument is dout, whatever it is called, unless it is known for something else:
    `sigmoid_grad(z)` takes none, and neither does `cross_entropy_backward(probs, labels)`.
    """
    own_names = {own: name for name, own in forward.items()}
    found: dict[str, str] = {}
    for place, argument in enumerate(arguments):
        taken = list(found.values())
        found[argument.name] = role(op, argument.name, place, own_names, given, taken)
    facts, roles = names.OPS[op], set(found.values())
    settled = {*facts.inputs, *facts.outputs} if facts.labels else {*facts.inputs}
    if "dout" not in roles and not roles <= settled:
        found[arguments[0].name] = "dout"
    lost = [name for name, what in found.items() if not what]
    if len(lost) == 1 and "cache" not in found.values():
        found[lost[0]] = "cache"
    optional = {a.name for a in arguments if a.optional}
    return {n: r for n, r in found.items() if r or n not in optional}


def role(
    op: str,
    name: str,
    place: int,
    own_names: Mapping[str, str],
    given: Mapping[str, str],
    taken: Sequence[str],
) -> str:
    """dout, cache, an input or attribute of the op, out; empty if nothing is known."""
    lower = name.lower()
    if "dout" not in taken and (lower in names.DOUT or (lower.startswith("d") and place == 0)):
        return "dout"
    if lower in names.CACHE:
        return "cache"
    if name in own_names:
        return own_names[name]
    matches = match(op, [Argument("", True), Argument(name)], given)
    known = [n for n, own in matches.items() if own == name and n not in taken]
    if known:
        return known[0]
    return "out" if lower in names.OUT else ""
