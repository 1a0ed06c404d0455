"""Calls that choose between a number and something else: `min(n, 32)`, `np.clip(x, 0, 1e12)`."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from .numbers import number_of

OF_ARGUMENTS = ("min", "max", *(f"np.{n}" for n in ("minimum", "maximum", "fmin", "fmax")))
OF_LISTS = ("min", "max", "sorted", *(f"np.{n}" for n in ("min", "max", "amin", "amax", "sort")))
BOUNDS = (("a_min", "min"), ("a_max", "max"))
"""What np.clip calls its bounds, which also come second and third."""

GUARDS = (None, 0, 1)
"""Numbers that are no choice but a guard, beside what is no number."""


def candidates(node: ast.Call, known: Mapping[str, float]) -> tuple[str, Sequence[ast.expr]]:
    """The kind of list that what a call chooses from stands in, and what that is; nothing if it is
    no choice."""
    name, given = name_of(node.func), node.args
    listed = ""
    if len(given) == 1 and isinstance(given[0], (ast.List, ast.Tuple)):
        listed, given = type(given[0]).__name__, given[0].elts
    choosers = OF_LISTS if listed else OF_ARGUMENTS
    if node.keywords or name not in choosers or any(isinstance(g, ast.Starred) for g in given):
        return listed, ()
    numbers = [number for g in given if (number := number_of(g, known)) is not None]
    is_choice = len(numbers) == 1 and numbers[0] not in GUARDS and len(given) > 1
    return listed, given if is_choice and (len(given) == 2 or "sort" not in name) else ()


def clip_bounds(node: ast.Call, known: Mapping[str, float]) -> list[float | None]:
    """The least and the most of `np.clip(x, 0, 1e12)` and `x.clip(0, 1e12)`, where they are
    numbers and no guards; nothing for any other call."""
    func = node.func
    of_array = isinstance(func, ast.Attribute) and func.attr == "clip"
    if not of_array or any(isinstance(one, ast.Starred) for one in node.args):
        return []
    given = node.args[1:] if name_of(func) == "np.clip" else node.args
    found = [given[i] if i < len(given) else named(node, BOUNDS[i]) for i in (0, 1)]
    numbers = [None if one is None else number_of(one, known) for one in found]
    return [None if number in GUARDS else number for number in numbers]


def named(node: ast.Call, names: Sequence[str]) -> ast.expr | None:
    """The keyword argument that has one of these names."""
    return next((k.value for k in node.keywords if k.arg in names), None)


def name_of(function: ast.expr) -> str:
    """`np.clip`, also where NumPy goes by its full name."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return f"np.{function.attr}" if function.value.id in ("np", "numpy") else ""
    return function.id if isinstance(function, ast.Name) else ""


TAKERS = ("append", "extend", "insert", "add", "put", "setdefault", "update")
"""Methods that keep what they get."""


def is_check(call: ast.expr) -> bool:
    """A call of which nothing is taken, and whose arguments are conditions and texts alone, or
    that hands a condition to a function: `require(x.ndim == 4, x.shape)`."""
    if not isinstance(call, ast.Call):
        return False
    if isinstance(call.func, ast.Attribute) and call.func.attr in TAKERS:
        return False
    conditions = any(isinstance(one, (ast.Compare, ast.BoolOp)) for one in call.args)
    by_name = isinstance(call.func, ast.Name)  # `found.append(n > 9)` takes it
    return all(is_asked(one) for one in call.args) or (by_name and conditions)


def is_asked(node: ast.expr) -> bool:
    """A condition, several, or a text."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("all", "any") and is_check(node)
    if isinstance(node, (ast.List, ast.Tuple)):
        return all(map(is_asked, node.elts))
    if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        return is_asked(node.elt)
    return isinstance(node, (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Constant, ast.JoinedStr))
