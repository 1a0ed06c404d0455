"""Whether a function makes rows of its input itself: then it gets more axes as they are."""

from __future__ import annotations

import ast

from .signatures import is_name


def flattens(function: ast.FunctionDef, name: str) -> bool:
    """`x.reshape(x.shape[0], -1)`, `np.reshape(x, (N, -1))`: the first axis kept, the others made
    one."""
    return any(is_flattening(node, name) for node in ast.walk(function))


def is_flattening(node: ast.AST, name: str) -> bool:
    """Whether a call reshapes this array to (something, -1), or to (something, D)."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr != "reshape":
        return False
    array, sizes = node.func.value, node.args
    if not is_name(array, name):  # np.reshape(x, ...)
        if not sizes or not is_name(sizes[0], name):
            return False
        sizes = sizes[1:]
    if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple | ast.List):
        sizes = sizes[0].elts
    return len(sizes) == 2 and not isinstance(sizes[0], ast.UnaryOp | ast.Constant)
