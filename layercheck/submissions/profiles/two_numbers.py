"""Arguments that are two numbers always, whatever is said of them: by an annotation, a docstring,
the default of another one of the kind, or since they are gone through one by one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from . import names
from .both import is_taken_apart, uses
from .defaults import is_pair
from .signatures import DOCUMENTED, Argument, is_name

TWO = re.compile(r"\b[Tt]uple\[int, int\]")
"""The part of an annotation that is two numbers."""

THROUGH = ("zip", "tuple", "list", "map", "enumerate", "iter", "len")
AS_ARRAY = ("np.asarray", "np.array", "numpy.asarray", "numpy.array")
"""Calls that go through an argument's numbers one by one · that one number could be given to."""

BETWEEN = "and is are as a an the given pair tuple pairs tuples of two"
"""What may stand between an argument's name and `(height, width)`, beside names of other ones."""


def two_numbers(
    op: str, tree: ast.AST, matched: Mapping[str, str], arguments: Iterable[Argument]
) -> list[str]:
    """The op's attributes that are two numbers always. matched: with the function's own names."""
    own = {a.name: a for a in arguments}
    spatial = {n: own[matched[n]] for n in names.SPATIAL if matched.get(n, "") in own}
    beside = any(is_pair(one.default) for one in spatial.values())
    return [
        name
        for name, one in spatial.items()
        if is_taken_apart(tree, one.name)
        or (op != "pad" and is_two(tree, one, beside, [*spatial.values()]))  # that has four
    ]


def is_two(tree: ast.AST, one: Argument, beside: bool, like: Iterable[Argument]) -> bool:
    """Whether something says that an argument is two numbers. beside: whether another one of the
    kind has a pair as its default · like: those."""
    rest = TWO.sub("", one.annotation)
    if type(one.default) is int or re.search(r"\bint\b|[Tt]uple\[", rest):
        return False
    if rest != one.annotation:
        return True
    if may_be_one(tree, one.name):
        return False
    said = says_two(tree, one.name, [argument.name for argument in like])
    return said or (beside and not one.optional) or is_gone_through(tree, one.name)


def may_be_one(tree: ast.AST, name: str) -> bool:
    """Whether a text computes with an argument, hands it on, tells its kinds apart, or gives its
    name to something else."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            return True
        if isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare)) and uses(node, name):
            return True
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return True
        if (isinstance(node, ast.Call) and uses(node, name)) or is_keyword(node, name):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called not in (*THROUGH, *AS_ARRAY):
                return True
    return False


def is_keyword(node: ast.AST, name: str) -> bool:
    """Whether an argument is handed on by a name."""
    return isinstance(node, ast.keyword) and is_name(node.value, name)


def is_gone_through(tree: ast.AST, name: str) -> bool:
    """Whether a text goes through an argument's numbers: `zip(x.shape[2:], size)`."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.comprehension)) and is_name(node.iter, name):
            return True
        if isinstance(node, ast.Starred) and is_name(node.value, name):
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) in THROUGH and uses(node, name):
            return True
        if isinstance(node, ast.Assign) and is_array_of(node.value, name):
            return any(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets)
    return False


def is_array_of(node: ast.expr, name: str) -> bool:
    """Whether an expression is `np.asarray(size)`, also of a dtype."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr == "astype":
        return is_array_of(node.func.value, name)
    return ast.unparse(node.func) in AS_ARRAY and uses(node, name)


def says_two(tree: ast.AST, name: str, like: Iterable[str]) -> bool:
    """Whether a docstring says `size = (height, width)`, also of several names at once."""
    words = "|".join(map(re.escape, (*like, *BETWEEN.split())))
    pair = r"\((height|h|rows?), ?(width|w|cols?|columns?)\)"
    told = re.compile(rf"\b{re.escape(name)}\b([\s,:=]|\b({words})\b)*{pair}", re.IGNORECASE)
    texts = (ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, DOCUMENTED))
    return any(told.search(text) for text in texts)
