"""Gradients that add up in an object, and who sets them anew."""

from __future__ import annotations

import ast

from .layers import Layer


def set_anew(layer: Layer) -> bool:
    """Whether what backward adds to is set anew by another method, whatever that is called."""
    backward = layer.methods.get(layer.backward)
    added = set() if backward is None else added_by(backward)
    own = ("__init__", layer.forward, layer.backward)
    others = (method for name, method in layer.methods.items() if name not in own)
    return any(written_by(method) & added for method in others)


def added_by(method: ast.FunctionDef) -> set[str]:
    """The attributes of the object that a method adds to, or makes of what they were."""
    found = set()
    for node in ast.walk(method):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            found.add(root_of(node.target))
        elif isinstance(node, ast.Assign):
            value = ast.unparse(node.value)
            found |= {root for root in map(root_of, node.targets) if f"self.{root}" in value}
    return found - {""}


def written_by(method: ast.FunctionDef) -> set[str]:
    """The attributes of the object that a method assigns, or has filled or cleared."""
    found = set()
    for node in ast.walk(method):
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {root_of(t) for one in targets for t in getattr(one, "elts", [one])}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= {root_of(node.func.value)} if node.func.attr in ("fill", "clear") else set()
    return found


def root_of(node: ast.expr) -> str:
    """`grads` of `self.grads["W"][...]`; empty where it is no attribute of the object."""
    while isinstance(node, ast.Subscript):
        node = node.value
    own = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
    return node.attr if own and isinstance(node, ast.Attribute) else ""
