"""Attributes that are two numbers always: `kh, kw = kernel_size`, with no word of one alone."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, ClassVar

from .call import Call
from .signatures import is_name


@dataclass(frozen=True)
class Both:
    """The same number twice where the question has one."""

    order: ClassVar[str] = "HW"
    kinds: ClassVar[tuple[str, ...]] = ("int", "pair")

    def give(self, value: Any) -> Any:
        """A number as a pair, anything else as it is."""
        return (value, value) if type(value) is int else value

    def tell(self, call: Call, name: str, value: Any) -> None:
        """Nothing: a pair is what the text shows."""


def is_taken_apart(tree: ast.AST, name: str) -> bool:
    """Whether a text takes an argument apart, and neither computes with it nor hands it on, by
    which one number could be told from two."""
    if any(isinstance(node, ast.Try) for node in ast.walk(tree)):
        return False
    apart = False
    for node in ast.walk(tree):
        if isinstance(node, (ast.Call, ast.BinOp, ast.UnaryOp, ast.Starred)) and uses(node, name):
            return False
        apart |= isinstance(node, ast.Subscript) and is_name(node.value, name)
        apart |= isinstance(node, ast.Assign) and is_pair(node) and is_name(node.value, name)
    return apart


def uses(node: ast.AST, name: str) -> bool:
    """Whether an expression has the argument itself as a part."""
    return any(is_name(part, name) for part in ast.iter_child_nodes(node))


def is_pair(node: ast.Assign) -> bool:
    """Whether two names are assigned to."""
    targets = [t for t in node.targets if isinstance(t, (ast.Tuple, ast.List))]
    return any(len(target.elts) == 2 for target in targets)
