"""What else a layer class has: methods that are not asked, each with the reason."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..due import IN_ITS_PLACE, MAYBE, NO_BACKWARD, NOT_PLAIN, PRIVATE
from ..names import plain
from ..target import Target
from .layers import Layer, is_self
from .methods import GRADIENT, is_backward, takes_dout

SMELLS = re.compile(r"backward|backprop|bprop|bwd|deriv|gradient")
"""Names of methods that may give a gradient."""

ASKED_FOR = ("backward", "backward_pass", "backprop", "bprop", "gradient", "grad")
"""What an object is asked for once it has answered."""

WRITE = "write it with def in the class to have it checked"
AT_RUN_TIME = f"it is put there while the file runs; {WRITE}"
BY_GETATTR = f"__getattr__ {MAYBE}, which its text does not show; {WRITE}"
DERIVATIVE = f"{NOT_PLAIN}, and no backward(dout)"


def others(layer: Layer) -> Iterator[tuple[str, str]]:
    """The functions and methods that belong to a class and are not asked by their own name, with
    the reason: an empty one for those that are asked as its methods."""
    for function, method in layer.sources.items():
        is_asked = method in (layer.forward, layer.backward)
        yield function, "" if is_asked else f"it is {layer.name}.{method}"
    rest = remaining(layer)
    yield from () if layer.backward else without_backward(layer, rest)
    for name in rest:
        if SMELLS.search(plain(name)) or is_backward(name):
            yield f"{layer.name}.{name}", why_not(layer, name)
    for name, reason in layer.unread.items():
        if is_backward(name, called=False):
            yield f"{layer.name}.{name}", reason
    for name in stored(layer.text) - {layer.backward}:
        if is_backward(name, called=False):
            yield f"{layer.name}.{name}", f"it is set on the object while it runs; {WRITE}"


def without_backward(layer: Layer, rest: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a class has in which no backward can be read."""
    gradient = f"{layer.name}.backward"
    if rest:
        yield gradient, f"{NO_BACKWARD}; has: {', '.join(rest)}"
    if {"__getattr__", "__getattribute__"} & layer.methods.keys():
        yield gradient, BY_GETATTR
    for name in layer.methods:
        if name.startswith("_") and is_backward(name):
            yield f"{layer.name}.{name}", PRIVATE


def remaining(layer: Layer) -> list[str]:
    """The public methods that are neither asked nor mentioned by another one."""
    mentioned = {n.attr for n in ast.walk(layer.text) if isinstance(n, ast.Attribute)}
    known = {layer.forward, layer.backward, *mentioned}
    return [n for n in layer.methods if not n.startswith("_") and n not in known]


def why_not(layer: Layer, name: str) -> str:
    """Why a method that may give a gradient is not asked."""
    if layer.backward:
        return f"{layer.backward} is {IN_ITS_PLACE}"
    if plain(name) in GRADIENT and not takes_dout(layer.methods[name]):
        return DERIVATIVE
    return "it is not known as a backward; call it backward to have it checked"


def stored(text: ast.AST) -> set[str]:
    """Names X of every `self.X = ...`."""
    nodes = [n for n in ast.walk(text) if isinstance(n, ast.Attribute) and is_self(n.value)]
    return {n.attr for n in nodes if isinstance(n.ctx, ast.Store)}


# ---------------------------------------------------------------------- once the file runs


def unseen(namespace: Mapping[str, Any], target: Target) -> dict[str, str]:
    """The backward that a class has once the file runs, where its text shows none."""
    name, kind = target.options.kind, namespace.get(target.options.kind)
    if target.backward or target.lost_backward or not isinstance(kind, type):
        return {}
    own = {n for base in kind.__mro__ if base is not object for n in vars(base)}
    values = {n: inspect.getattr_static(kind, n, None) for n in own}
    there = [n for n, value in values.items() if value is not None and gives(n, value)]
    found = {f"{name}.{n}": AT_RUN_TIME for n in there}
    if not found and {"__getattr__", "__getattribute__"} & own:
        found[f"{name}.backward"] = BY_GETATTR
    return {n: reason for n, reason in found.items() if n not in target.others}


def gives(name: str, value: Any) -> bool:
    """Whether what a class has under a name may be a backward."""
    wrapped = isinstance(value, (staticmethod, classmethod, property))
    return is_backward(name, called=callable(value) or wrapped)


def unseen_of(thing: Any, target: Target) -> str:
    """Tell of a backward that an object has though no text shows it; empty if it has none."""
    if target.backward or target.lost_backward or target.others:
        return ""
    for name in ASKED_FOR:
        try:
            if callable(getattr(thing, name, None)):
                return f"its objects have {name}, which is not asked: {AT_RUN_TIME}"
        except Exception:  # a property may raise what it likes
            continue
    return ""
