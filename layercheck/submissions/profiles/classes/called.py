"""Objects that are called as functions: a base whose `__call__` keeps what backward needs."""

from __future__ import annotations

import ast
from collections.abc import Mapping

CALL = "__call__"


def entry_of(methods: Mapping[str, ast.FunctionDef], forward: str) -> str:
    """How an object is asked: by `__call__` where that keeps something, hands its arguments on to
    forward and gives what came; else by forward itself."""
    function = methods.get(CALL)
    if function is None or forward == CALL or not keeps(function):
        return forward
    arguments = function.args
    handed = arguments.vararg is not None or len(arguments.args) == 2
    return CALL if handed and gives_forward(function, forward) else forward


def keeps(function: ast.FunctionDef) -> bool:
    """Whether it assigns an attribute."""
    assigned = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    parts = (part for node in assigned for target in node.targets for part in ast.walk(target))
    return any(isinstance(part, ast.Attribute) for part in parts)


def gives_forward(function: ast.FunctionDef, forward: str) -> bool:
    """Whether every value that it returns is what forward gave."""
    made = {
        ast.unparse(target)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and is_forward(node.value, forward)
        for target in node.targets
    }
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return bool(returned) and all(
        value is not None and (is_forward(value, forward) or ast.unparse(value) in made)
        for value in returned
    )


def is_forward(node: ast.expr, forward: str) -> bool:
    """Whether an expression is `self.forward(...)`."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith(f".{forward}")
