"""What of a notebook is run: statements that define something, and do nothing else."""

from __future__ import annotations

import ast
import builtins
import re

LIBRARIES = ("np", "numpy", "math", "functools", "random", "itertools", "operator", "partial")
READS = re.compile(r"load|open|from(file|txt)|genfrom|memmap|input|read")


def is_kept(node: ast.stmt, known: set[str]) -> bool:
    """Whether a statement defines something and does nothing else; its names become known."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        known.add(node.name)
        return True
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        known.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        return True
    if isinstance(node, (ast.Try, ast.If)):
        parts = [*node.body, *node.orelse]
        return all(is_kept(part, known) or isinstance(part, ast.Pass) for part in parts)
    if isinstance(node, ast.Expr):
        return is_attaching(node.value, known)
    if isinstance(node, ast.AugAssign):
        is_name = isinstance(node.target, ast.Name) and node.target.id in known
        return is_name and is_constant(node.value, known)
    return isinstance(node, (ast.Assign, ast.AnnAssign)) and keeps_assignment(node, known)


def is_attaching(node: ast.expr, known: set[str]) -> bool:
    """`setattr(Layer, "forward", forward)`."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != "setattr" or len(node.args) != 3:
        return False
    owner, name, value = node.args
    is_known = isinstance(owner, ast.Name) and owner.id in known and isinstance(name, ast.Constant)
    return is_known and (isinstance(value, ast.Lambda) or is_constant(value, known))


def keeps_assignment(node: ast.Assign | ast.AnnAssign, known: set[str]) -> bool:
    """`eps = 1e-5`, `f = lambda x: ...`, `conv = conv2d`, `Layer.forward = forward`."""
    assigned_to = node.targets if isinstance(node, ast.Assign) else [node.target]
    places = [p for one in assigned_to for p in (one.elts if isinstance(one, ast.Tuple) else [one])]
    value = node.value
    if value is None or not all(isinstance(p, (ast.Name, ast.Attribute)) for p in places):
        return False
    attached = [
        p.value.id for p in places if isinstance(p, ast.Attribute) and isinstance(p.value, ast.Name)
    ]
    simple = isinstance(value, ast.Lambda) or is_constant(value, known) or wraps(node, known)
    kept = simple and all(name in known for name in attached)
    if kept:
        known.update(p.id for p in places if isinstance(p, ast.Name))
    return kept


def wraps(node: ast.Assign | ast.AnnAssign, known: set[str]) -> bool:
    """`f = wrap(f)`, which is what a decorator does."""
    places = node.targets if isinstance(node, ast.Assign) else [node.target]
    call = node.value
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    if not (isinstance(call, ast.Call) and len(places) == 1 and isinstance(places[0], ast.Name)):
        return False
    own = [one.id for one in call.args if isinstance(one, ast.Name)]
    return places[0].id in own and names <= known


def is_constant(node: ast.expr, known: set[str]) -> bool:
    """A literal, a known name, or what Python and NumPy make of them: `np.pi / 2`, `float("1")`."""
    allowed = (
        ast.Constant,
        ast.Tuple,
        ast.List,
        ast.Dict,
        ast.Set,
        ast.UnaryOp,
        ast.BinOp,
        ast.operator,
        ast.unaryop,
        ast.expr_context,
        ast.Attribute,
        ast.Subscript,
        ast.keyword,
    )
    return all(
        isinstance(part, allowed)
        or (isinstance(part, ast.Name) and (part.id in known or part.id in LIBRARIES))
        or (isinstance(part, ast.Call) and is_harmless(part))
        for part in ast.walk(node)
    )


def is_harmless(call: ast.Call) -> bool:
    """A call of Python's or of its libraries, which reads no file: no training, no data."""
    name = ast.unparse(call.func)
    top = name.partition(".")[0]
    return (top in LIBRARIES or top in dir(builtins)) and not READS.search(name)
