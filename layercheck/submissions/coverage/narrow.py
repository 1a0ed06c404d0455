"""Integers so narrow that a size may be beyond them: `index.astype(np.uint8)`."""

from __future__ import annotations

import ast

MAXIMA = {"int8": 127, "uint8": 255, "int16": 32767, "uint16": 65535}
CODES = {"i1": "int8", "u1": "uint8", "i2": "int16", "u2": "uint16"}
LETTERS = {"b": "int8", "B": "uint8", "h": "int16", "H": "uint16"}
"""What they are called where a dtype is expected, and nowhere else."""

NAMES = {"byte": "int8", "ubyte": "uint8", "short": "int16", "ushort": "uint16"}


def maxima_in(node: ast.AST) -> list[int]:
    """The largest numbers of the narrow integers that a piece of code mentions."""
    found = {maximum for one in ast.walk(node) if (maximum := maximum_of(one)) is not None}
    return sorted(found)


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
