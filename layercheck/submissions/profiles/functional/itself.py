"""Functions that give their gradient themselves: `return loss, dx`, `return y, lambda dy: ...`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from .. import names
from ..target import Target

GRADIENT = re.compile(
    r"grad\w*|d(_?)(x|z|s|y|scores?|logits?|pred\w*|y_?pred|y_?hat|inputs?)|delta", re.IGNORECASE
)
"""What the gradient of a loss is called."""

LABELS = re.compile(r"(one_?hot|labels?|targets?|np\.eye|y|y_?true|t)\b(?!\.shape)", re.IGNORECASE)
"""What is subtracted from the probabilities to have it."""


def with_own_gradient(target: Target, function: ast.FunctionDef) -> Target:
    """The target with the gradient that its forward gives, where it has no other backward."""
    if target.backward:
        return target
    seconds = list(second_returned(function))
    inner = {n.name for n in ast.walk(function) if isinstance(n, ast.FunctionDef)}
    if seconds and all(is_function(one, inner) for one in seconds):
        roles = {"dout": "dout"}
    elif seconds and names.OPS[target.op].targets and all(map(is_gradient, seconds)):
        roles = {}
    else:
        return target
    return replace(target, backward=target.forward, options=replace(target.options, backward=roles))


def second_returned(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """What a function returns beside its output, wherever it returns two things."""
    for node in ast.walk(function):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) and node is not function:
            continue
        value = node.value if isinstance(node, ast.Return) else None
        if isinstance(value, ast.Tuple) and len(value.elts) == 2:
            yield value.elts[1]


def is_function(node: ast.expr, inner: set[str]) -> bool:
    """Whether an expression is a function made there and then."""
    return isinstance(node, ast.Lambda) or (isinstance(node, ast.Name) and node.id in inner)


def is_gradient(node: ast.expr) -> bool:
    """Whether an expression is a loss's gradient, by its name or since labels are subtracted."""
    named = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    if any(map(GRADIENT.fullmatch, named)):
        return True
    parts = [part for part in ast.walk(node) if isinstance(part, ast.BinOp)]
    sides = [s for p in parts if isinstance(p.op, ast.Sub) for s in (p.left, p.right)]
    return any(LABELS.match(ast.unparse(side)) for side in sides)
