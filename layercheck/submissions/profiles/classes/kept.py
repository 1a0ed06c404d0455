"""Where an object keeps what it has, as its text says: parameters, statistics, outputs, numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .. import names
from ..call import plain
from ..signatures import literal
from .layers import Layer, is_self
from .objects import HOLDERS

PARAMETERS = ("w", "b", "gamma", "beta")
OUTPUTS = ("output", "out", "outputs")
"""What a forward that returns nothing may call its output, in lower case, the likeliest first."""

MOST_EPS = 1e-3
"""A number above this that is added to a variance is no eps."""


def parameter_paths(layer: Layer) -> dict[str, list[str]]:
    """Where each parameter is kept: ["W"], or ["params", "W"]."""
    found: dict[str, list[str]] = {}
    keys = dict_keys(layer.text)
    for name in PARAMETERS:
        if name not in names.OPS[layer.op].inputs:
            continue
        aliases = names.names_of(layer.op, name)
        own = [
            a
            for alias in aliases
            for a in sorted(layer.attributes)
            if a.lower() == alias and [a] not in found.values()
        ]
        holders = [holder for holder in HOLDERS if holder in layer.attributes]
        held = [[h, k] for h in holders for alias in aliases for k in keys if k.lower() == alias]
        if held or own:
            found[name] = held[0] if held else [own[0]]
    return found


def dict_keys(text: ast.AST) -> list[str]:
    """Every string that indexes something or is a key of a dict."""
    found: list[Any] = []
    for node in ast.walk(text):
        if isinstance(node, ast.Subscript):
            found.append(literal(node.slice))
        elif isinstance(node, ast.Dict):
            found += [literal(key) for key in node.keys]
    return sorted({key for key in found if isinstance(key, str)})


def running_names(layer: Layer) -> dict[str, str]:
    """The attributes with running statistics."""
    return {
        name: own
        for name in ("running_mean", "running_var")
        for own in names.names_of(layer.op, name)[::-1]
        if own in layer.attributes
    }


def constant_of(text: ast.AST, attribute: str) -> Any:
    """The literal that a `self.attribute = ...` assigns."""
    for node in ast.walk(text):
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Attribute) and t.attr == attribute for t in node.targets
        ):
            return literal(node.value)
    return None


def kept_output(layer: Layer) -> str:
    """The attribute in which forward leaves its output; empty where it returns one that backward is
    not given back."""
    nodes = list(ast.walk(layer.methods[layer.forward]))
    returns = any(isinstance(n, ast.Return) and literal(n.value) is not None for n in nodes)
    if returns and not own_output(layer):
        return ""
    attributes = [n for n in nodes if isinstance(n, ast.Attribute) and is_self(n.value)]
    stored = {n.attr.lower(): n.attr for n in attributes if isinstance(n.ctx, ast.Store)}
    return next((stored[name] for name in OUTPUTS if name in stored), "")


def own_output(layer: Layer) -> str:
    """The argument of a loss's backward that is what forward left in the object, the probabilities,
    as its text shows: `samples = len(dvalues)`. Empty if there is none."""
    found = layer.methods.get(layer.backward)
    given = [a.name for a in layer.arguments(layer.backward)]
    if found is None or len(given) < 2 or not names.OPS[layer.op].targets:
        return ""
    used = rf"\blen\({given[0]}\)|\b{given[0]}\.(copy\(|shape\b)"
    known = layer.attributes & {*OUTPUTS}
    return given[0] if known and re.search(used, ast.unparse(found)) else ""


def number_for_eps(layer: Layer, known: Mapping[str, str]) -> float | None:
    """The number that stands for eps where nothing lets it be chosen; None if there is none."""
    own = names.names_of(layer.op, "eps")
    if "eps" not in names.OPS[layer.op].attributes or "eps" in known or layer.attributes & {*own}:
        return None
    found = {*small_numbers(layer.text)}
    return found.pop() if len(found) == 1 else None


def own_eps(epsilon: float | None) -> Iterator[str]:
    """A sentence about an eps that is a number in the text."""
    if epsilon is not None:
        yield f"eps is {plain(epsilon)}, which no argument changes"


def small_numbers(text: ast.AST) -> Iterator[float]:
    """The numbers that are added to something and may be an eps."""
    for node in ast.walk(text):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            values = (literal(part) for part in (node.left, node.right))
            yield from (v for v in values if isinstance(v, float) and 0 < v <= MOST_EPS)
