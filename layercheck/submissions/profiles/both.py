"""Attributes that are two numbers always: `kh, kw = kernel_size`, with no word of one alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from .call import Call
from .signatures import is_name


@dataclass(frozen=True)
class Both:
    """The same number twice where the question has one."""

    order: ClassVar[str] = "HW"
    kinds: ClassVar[tuple[str, ...]] = ("int", "pair")

    def give(self, value: Any, x: Any) -> Any:
        """A number as a pair, anything else as it is."""
        return (value, value) if type(value) is int else value

    def tell(self, call: Call, name: str, value: Any) -> None:
        """Nothing: a pair is what the text shows."""


def is_taken_apart(tree: ast.AST, name: str) -> bool:
    """Whether a text takes an argument apart, and neither computes with it, hands it on nor gives
    its name to something else, by which one number could be told from two."""
    if any(isinstance(node, ast.Try) for node in ast.walk(tree)):
        return False
    apart = False
    for node in ast.walk(tree):
        if isinstance(node, (ast.Call, ast.BinOp, ast.UnaryOp, ast.Starred)) and uses(node, name):
            return False
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return False
        apart |= isinstance(node, ast.Subscript) and is_name(node.value, name)
        apart |= isinstance(node, ast.Assign) and any(
            is_name(value, name) and is_pair(target) for target, value in assigned(node)
        )
    return apart


def uses(node: ast.AST, name: str) -> bool:
    """Whether an expression has the argument itself as a part."""
    return any(is_name(part, name) for part in ast.iter_child_nodes(node))


def assigned(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is assigned to what, one by one: `(kh, kw), (sh, sw) = kernel_size, stride` are two."""
    for target in node.targets:
        yield target, node.value
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)


def is_pair(target: ast.expr) -> bool:
    """Whether two names are assigned to."""
    return isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == 2
