"""The decorator by which functions and classes say which op they are."""

from __future__ import annotations

import ast


def is_implements(node: ast.expr) -> bool:
    """Whether a decorator is ours."""
    return ast.unparse(node).rpartition(".")[2] == "implements"
