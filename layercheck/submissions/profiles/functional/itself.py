"""Functions that give their gradient themselves: `return loss, dx`, `return y, lambda dy: ...`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from dataclasses import replace

from .. import names
from ..target import Target

GRADIENT = re.compile(
    r"grad\w*|d(_?)(x|z|s|y|scores?|logits?|pred\w*|y_?pred|y_?hat|inputs?)|delta", re.IGNORECASE
)
"""What the gradient of a loss is called."""

LABELS = re.compile(r"(one_?hot|labels?|targets?|np\.eye|y|y_?true|t)\b(?!\.shape)", re.IGNORECASE)
"""What is subtracted from the probabilities to have it."""


def with_own_gradient(
    target: Target, function: ast.FunctionDef, is_promised: bool = False
) -> Target:
    """The target with the gradient that its forward gives, where it has no other backward.

    is_promised: whether a function of this name returns a loss and its gradient.
    """
    seconds = [] if target.backward else list(second_returned(function))
    if not seconds:
        return target
    inner = {n.name for n in ast.walk(function) if isinstance(n, ast.FunctionDef)}
    if all(is_function(one, inner) for one in seconds):
        return itself(target, {"dout": "dout"})
    if not names.OPS[target.op].targets:
        return target
    lessened = set(names_lessened(function))
    if is_promised or all(is_gradient(one, lessened) for one in seconds):
        return itself(target, {})
    return target


def itself(target: Target, roles: dict[str, str]) -> Target:
    """The target whose forward gives the gradient, or a function of what roles say."""
    return replace(target, backward=target.forward, options=replace(target.options, backward=roles))


def names_lessened(function: ast.FunctionDef) -> Iterator[str]:
    """Arrays from elements of which something is subtracted in place: `p[range(n), y] -= 1`,
    `np.subtract.at(p, (rows, y), 1)`."""
    for node in ast.walk(function):
        match node:
            case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name)), op=ast.Sub()):
                yield name
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="subtract" | "add"), attr="at"),
                args=[ast.Name(id=name), *_],
            ):
                yield name


def second_returned(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """What a function returns beside its output, wherever it returns two things."""
    pairs = dict(named_pairs(function))
    for node in ast.walk(function):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) and node is not function:
            continue
        value = node.value if isinstance(node, ast.Return) else None
        for one in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
            pair = pairs.get(one.id) if isinstance(one, ast.Name) else one
            if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
                yield pair.elts[1]


def named_pairs(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Pairs that have a name before they are returned: `result = loss, dx`."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Tuple() as value):
                yield name, value


def is_function(node: ast.expr, inner: set[str]) -> bool:
    """Whether an expression is a function made there and then."""
    return isinstance(node, ast.Lambda) or (isinstance(node, ast.Name) and node.id in inner)


def is_gradient(node: ast.expr, lessened: Set[str]) -> bool:
    """Whether an expression is a loss's gradient, by its name or since labels are subtracted.

    lessened: arrays from elements of which something was subtracted in place.
    """
    named = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    if named & lessened or any(map(GRADIENT.fullmatch, named)):
        return True
    parts = [part for part in ast.walk(node) if isinstance(part, ast.BinOp)]
    sides = [s for p in parts if isinstance(p.op, ast.Sub) for s in (p.left, p.right)]
    return any(LABELS.match(ast.unparse(side)) for side in sides)
