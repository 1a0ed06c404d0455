"""The numbers that a piece of code mentions: what it does may change at them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

MOST_NUMBERS = 40
LARGEST = 1e18
OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.Pow: operator.pow,
}


def numbers_in(node: ast.AST, known: Mapping[str, float]) -> tuple[float, ...]:
    """Each once, in their order; `-1000`, `1 << 16` and names of the file's constants too."""
    found: dict[float, None] = {}
    due: list[ast.AST] = [node]
    while due:
        one = due.pop(0)
        value = number_of(one, known)
        if value is None:
            due[:0] = ast.iter_child_nodes(one)
        else:
            found[value] = None
    return tuple(found)[:MOST_NUMBERS]


def number_of(node: ast.AST, known: Mapping[str, float]) -> float | None:
    """What an expression of numbers comes to; None for any other."""
    if isinstance(node, ast.Constant):
        return None if type(node.value) not in (int, float) else within(node.value)
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = number_of(node.operand, known)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left, right = number_of(node.left, known), number_of(node.right, known)
        return None if left is None or right is None else computed(node.op, left, right)
    return None


def is_number(node: ast.AST, known: Mapping[str, float]) -> bool:
    """Whether an expression is a number, or a list of some: `n in (63, 64)`."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return bool(node.elts) and all(is_number(one, known) for one in node.elts)
    return number_of(node, known) is not None


def computed(op: ast.operator, left: float, right: float) -> float | None:
    """The result, where it is a number of reasonable size."""
    if abs(right) > 64 and isinstance(op, (ast.Pow, ast.LShift)):
        return None
    try:
        return within(OPERATORS[type(op)](left, right))
    except (ArithmeticError, TypeError, ValueError):
        return None


def within(value: Any) -> float | None:
    """The number, unless it is far too large, or none."""
    return value if type(value) in (int, float) and abs(value) <= LARGEST else None


def constants_of(tree: ast.Module) -> dict[str, float]:
    """The names of a file that stand for a number: `LIMIT = 64`."""
    found: dict[str, float] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            value = number_of(node.value, found)
            for target in node.targets if value is not None else ():
                if isinstance(target, ast.Name) and value is not None:
                    found[target.id] = value
    return found


def locals_of(function: ast.AST, known: Mapping[str, float]) -> dict[str, float]:
    """The same with the names that a function binds once, to a number; without its other names."""
    nodes = list(ast.walk(function))
    names = [n for one in nodes for n in bound(one)]
    found = {name: value for name, value in known.items() if name not in names}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value, name = number_of(node.value, found), node.targets[0].id
            if value is not None and names.count(name) == 1:
                found[name] = value
    return found


def bound(node: ast.AST) -> tuple[str, ...]:
    """The name that a node binds."""
    if isinstance(node, ast.arg):
        return (node.arg,)
    is_name = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    return (node.id,) if is_name and isinstance(node, ast.Name) else ()
