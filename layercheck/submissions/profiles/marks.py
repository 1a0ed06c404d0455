"""The decorator by which functions and classes say which op they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from . import names
from .signatures import literal


def marks(node: ast.FunctionDef | ast.ClassDef) -> Iterator[tuple[str, ast.Call]]:
    """Each `@layercheck.implements("relu", ...)` of a function or a class, with its op. Raises
    ValueError where there is no such op."""
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).rpartition(".")[2] == "implements":
            by_name = (word.value for word in mark.keywords if word.arg == "op")
            said = mark.args[0] if mark.args else next(by_name, None)
            op = None if said is None else literal(said)
            if op not in names.OPS:
                written = "" if said is None else ast.unparse(said)
                told = f"{node.name}: implements({written})"
                raise ValueError(f"{told}; expected one of: {', '.join(names.OPS)}")
            yield str(op), mark
