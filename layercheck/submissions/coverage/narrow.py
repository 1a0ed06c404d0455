"""Numbers that a size may be beyond, where no condition tells: narrow integers
(`index.astype(np.uint8)`), and pieces of so many (`range(0, n, 100)`, `n // 40`, `x[:64]`)."""

from __future__ import annotations

import ast

from .numbers import number_of

MAXIMA = {"int8": 127, "uint8": 255, "int16": 32767, "uint16": 65535}
CODES = {"i1": "int8", "u1": "uint8", "i2": "int16", "u2": "uint16"}
LETTERS = {"b": "int8", "B": "uint8", "h": "int16", "H": "uint16"}
"""What they are called where a dtype is expected, and nowhere else."""

NAMES = {"byte": "int8", "ubyte": "uint8", "short": "int16", "ushort": "uint16"}


SMALLEST, LARGEST = 2, 4096
"""Which pieces are looked at: any case has more than one of anything."""


CAPS = ("min", "max", "minimum", "maximum", "fmin", "fmax", "clip")
"""What a count may be capped by."""


def maxima_in(node: ast.AST) -> list[int]:
    """The largest numbers of the narrow integers that a piece of code mentions, and its pieces."""
    walked = list(ast.walk(node))
    narrow = {maximum for one in walked if (maximum := maximum_of(one)) is not None}
    read = (number_of(part, {}) for one in walked for part in piece_of(one))
    pieces = {int(n) for n in read if n is not None}
    return sorted(narrow | {n for n in pieces if SMALLEST <= n <= LARGEST})


def piece_of(node: ast.AST) -> list[ast.expr]:
    """What may say how many are taken at a time, or at most."""
    if isinstance(node, ast.Slice):
        return [part for part in (node.upper, node.step) if part is not None]
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.FloorDiv, ast.Mod)):
        return [node.right]
    return of_call(node) if isinstance(node, ast.Call) else []


def of_call(node: ast.Call) -> list[ast.expr]:
    """The same of a call."""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name == "range":
        return [*node.args[2:3]]
    if name in ("sign", "heaviside") and node.args and isinstance(node.args[0], ast.BinOp):
        return [node.args[0].right]
    if name in CAPS:
        return list(node.args)
    return [node.args[1]] if name == "divmod" and len(node.args) == 2 else []


def maximum_of(node: ast.AST) -> int | None:
    """The largest number of the dtype that a node is, if it is a narrow one."""
    if isinstance(node, ast.Attribute):
        return MAXIMA.get(NAMES.get(node.attr, node.attr))
    if isinstance(node, ast.Name):
        return MAXIMA.get(node.id)
    if isinstance(node, ast.keyword):
        return of_letter(node.value) if node.arg == "dtype" else None
    if isinstance(node, ast.Call):
        of_dtype = isinstance(node.func, ast.Attribute) and node.func.attr in ("astype", "dtype")
        return of_letter(node.args[0]) if of_dtype and node.args else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value.lstrip("<>=|")
        return MAXIMA.get(CODES.get(text, text))
    return None


def of_letter(node: ast.expr) -> int | None:
    """The same of `"B"`."""
    text = node.value if isinstance(node, ast.Constant) else None
    return MAXIMA.get(LETTERS.get(text, "")) if isinstance(text, str) else None
