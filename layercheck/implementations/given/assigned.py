"""Functions that are handed over, and called as an assignment has them: with its conv_param."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import wraps
from types import FunctionType
from typing import Any

from layercheck.errors import UsageError
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import known_profiles, names
from layercheck.submissions.profiles.matching import Found
from layercheck.submissions.profiles.packed import keys_read

from ..layer import Layer
from .read_here import asked_here, is_assigned, namespace_of, read
from .wrapped import handed_on

SETTINGS = {"stride", "pad", "pool_height", "pool_width", "mode", "eps", "momentum"}
"""What assignments keep in a dictionary of settings."""


def assigned(function: Any, backward: Any = None) -> list[Found]:
    """What functions are that are called as an assignment has them: conv_forward_naive with its
    conv_param; nothing for others. Without a backward, the forward alone."""
    own = [f for f in (function, backward) if f is not None]
    if not all(isinstance(f, FunctionType) for f in own):
        return []
    with suppress(OSError, TypeError, ValueError, SyntaxError):
        texts = dict.fromkeys(textwrap.dedent(inspect.getsource(f)) for f in own)
        told = read("\n\n".join(texts), "<functions>")
        return [one for one in told.found if is_assigned(one) and is_of(one, *own)]
    return []


@dataclass(frozen=True)
class Assigned:
    """What an assignment asks for, and the functions that it is, by the names they are asked by."""

    found: Found
    functions: Mapping[str, Any]


def assigned_to(op: str, forward: Any, backward: Any) -> Assigned | None:
    """The functions of an op as an assignment has them: by their names and text, or, of a lambda
    and of a wrapper, by what they take. Raises UsageError for those of another op."""
    own = {f.__name__: f for f in (forward, backward) if isinstance(f, FunctionType)}
    every = assigned(forward, backward)
    fitting = [one for one in every if one.target.op == op]
    if fitting:
        return Assigned(fitting[0], own)
    settings = takes_settings(forward)
    if every and settings:
        name, other = every[0].target.forward, every[0].target.op
        raise UsageError(f"got {op}={name}, which is {other}: check({other}={name})")
    return by_arguments(op, forward, backward) if settings else None


def by_arguments(op: str, forward: Any, backward: Any) -> Assigned | None:
    """What functions of any name are that take what an assignment's functions of this op take."""
    names.install(op_table())
    if backward is None:
        own = {op: with_cache(by_place(forward))}
    else:
        own = {op: by_place(forward), f"{op}_backward": backward}
    for profile in known_profiles().values():
        called_so = getattr(profile, "called_so", lambda *_: None)
        target = called_so(op, {name: header_of(one) for name, one in own.items()})
        if target is not None:
            return Assigned(Found(profile, target), own)
    return None


def takes_settings(function: Any) -> bool:
    """Whether a function takes a dictionary of settings as assignments have it: by its name, or by
    what its text looks up in it."""
    names = header_of(function)[0]
    return any(n.endswith(("_param", "_params")) for n in names) or looks_up_settings(function)


def looks_up_settings(function: Any) -> bool:
    """Whether its text takes an assignment's settings out of one of its parameters."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    return any(SETTINGS & keys_read(name, tree) for name in header_of(function)[0])


def by_place(function: Any) -> Any:
    """A function whose arguments may be given by their place; as it is where they may be."""
    if not isinstance(function, FunctionType):
        return function
    kinds = {n: one.kind for n, one in inspect.signature(function).parameters.items()}
    named = [n for n, kind in kinds.items() if kind is inspect.Parameter.KEYWORD_ONLY]
    if not named:
        return function

    @wraps(function)
    def placed(*given: Any) -> Any:
        count = len(given) - len(named)
        return function(*given[:count], **dict(zip(named, given[count:], strict=True)))

    return placed


def with_cache(function: Any) -> Any:
    """A forward without a backward, which need not keep anything for one."""

    @wraps(function)
    def kept(*given: Any) -> Any:
        made = function(*given)
        return made if isinstance(made, tuple) else (made, None)

    return kept


def header_of(function: Any) -> tuple[list[str], str]:
    """The parameters of a function and its body, or its docstring where there is no text; of one
    that hands on whatever it is given, those of the one function that it holds."""
    if not isinstance(function, FunctionType):
        return [], "pass"
    inner = handed_on(function)
    if inner is not None:
        return header_of(inner)
    return list(inspect.signature(function).parameters), body_of(function)


def body_of(function: FunctionType) -> str:
    """The text of a function's body; its docstring where there is none, as of a lambda."""
    with suppress(OSError, TypeError, ValueError, SyntaxError):
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        if isinstance(node, ast.FunctionDef):
            return "\n".join(map(ast.unparse, node.body))
    return repr(function.__doc__ or "")


def is_of(one: Found, forward: FunctionType, backward: FunctionType | None = None) -> bool:
    """Whether a target is these functions; a forward alone may give its gradients itself."""
    gradients = {"", forward.__name__} if backward is None else {backward.__name__}
    return one.target.forward == forward.__name__ and one.target.backward in gradients


def layers_of_functions(assigned: Sequence[Assigned], strict: bool) -> list[Layer]:
    """The layers that an assignment's functions are."""
    namespaces = [namespace_of(one.functions) for one in assigned]
    layers = asked_here([one.found for one in assigned], namespaces, "<functions>", strict)
    names = [layer.forward for layer in layers]
    return [
        told_apart(layer, one.functions[layer.forward]) if names.count(layer.forward) > 1 else layer
        for layer, one in zip(layers, assigned, strict=True)
    ]


def told_apart(layer: Layer, function: FunctionType) -> Layer:
    """A layer by the module that it comes from, too: its name is another one's as well."""
    place = function.__module__
    backward = f"{place}.{layer.backward}" if layer.backward else ""
    return replace(layer, forward=f"{place}.{layer.forward}", backward=backward)
