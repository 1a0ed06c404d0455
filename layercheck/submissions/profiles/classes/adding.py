"""Gradients that add up in an object, and who sets them anew."""

from __future__ import annotations

import ast

from .layers import Layer


def set_anew(layer: Layer) -> bool:
    """Whether what backward adds to is set anew by another method, whatever that is called."""
    own = {"__init__", layer.forward, layer.backward}
    backward = layer.methods.get(layer.backward)
    added = (
        set()
        if backward is None
        else {
            root_of(node.target)
            for node in ast.walk(backward)
            if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add)
        }
    )
    for node in ast.walk(backward) if backward is not None else ():
        if isinstance(node, ast.Assign):
            roots = {root_of(target) for target in node.targets} - {""}
            added |= {r for r in roots if f"self.{r}" in ast.unparse(node.value)}
    others = [method for name, method in layer.methods.items() if name not in own]
    return any(bool(written_by(method) & (added - {""})) for method in others)


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
