"""What a forward hands on to its backward beside the output."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping

from . import names

OWN = ("x", "out", "unknown")
"""What an argument of a backward may be taken for though it is what the forward handed on."""


def hands_on(op: str, function: ast.FunctionDef) -> bool:
    """Whether all that a forward returns is `out, something`, as its text shows it; not of an op
    that has more outputs than one."""
    if len(names.OPS[op].outputs) > 1:
        return False
    returned = [node.value for node in own_nodes(function) if isinstance(node, ast.Return)]
    return bool(returned) and all(
        isinstance(value, ast.Tuple) and len(value.elts) == 2 for value in returned
    )


def with_names(
    function: ast.FunctionDef, functions: Mapping[str, ast.FunctionDef]
) -> ast.FunctionDef:
    """A function that does nothing but call another one with its own `*args, **kwargs`, with the
    arguments of that one; any other as it is."""
    seen, last = [function.name], function
    while (name := called_by(last)) in functions and name not in seen:
        seen.append(name)
        last = functions[name]
    if last is function:
        return function
    named = copy.copy(function)
    named.args = last.args
    return named


def called_by(function: ast.FunctionDef) -> str:
    """The function that one hands all its arguments on to; empty if it does anything else."""
    spec, body = function.args, function.body[ast.get_docstring(function) is not None :]
    value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    if not isinstance(value, ast.Call) or spec.posonlyargs or spec.args or spec.kwonlyargs:
        return ""
    if spec.vararg is None or not isinstance(value.func, ast.Name):
        return ""
    own = [f"*{spec.vararg.arg}", *([] if spec.kwarg is None else [f"**{spec.kwarg.arg}"])]
    return value.func.id if ast.unparse(value) == f"{value.func.id}({', '.join(own)})" else ""


def own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function's body, without those of functions and classes inside."""
    left: list[ast.AST] = [*function.body]
    while left:
        node = left.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            left += ast.iter_child_nodes(node)


def with_cache(roles: Mapping[str, str]) -> dict[str, str]:
    """What each argument of a backward gets whose forward returns pairs: the one beside dout is
    the second of them, whatever its name (`sigmoid_backward(dout, z)`)."""
    beside = [name for name, what in roles.items() if what not in ("dout", "rate")]
    alone = len(beside) == 1 and "dout" in roles.values() and roles[beside[0]] in OWN
    return {**roles, beside[0]: "cache"} if alone else dict(roles)
