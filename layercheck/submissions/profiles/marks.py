"""The decorator by which functions and classes say which op they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from . import names
from .signatures import literal

IMPLEMENTS = "implements"


def settle_names(tree: ast.Module) -> None:
    """Call the decorator by its own name wherever a text has given it another one:
    `from layercheck import implements as op`."""
    others = {*other_names(tree)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) in others:
                    mark.func = ast.copy_location(ast.Name(IMPLEMENTS, ast.Load()), mark.func)


def other_names(tree: ast.Module) -> Iterator[str]:
    """What an import or an assignment calls the decorator."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "layercheck":
            yield from (a.asname for a in node.names if a.name == IMPLEMENTS and a.asname)
        elif isinstance(node, ast.Assign) and is_decorator(node.value):
            yield from (t.id for t in node.targets if isinstance(t, ast.Name))


def is_decorator(node: ast.expr) -> bool:
    """Whether an expression names the decorator, `layercheck.implements`."""
    named = isinstance(node, (ast.Name, ast.Attribute))
    return named and ast.unparse(node).rpartition(".")[2] == IMPLEMENTS


def marks(node: ast.FunctionDef | ast.ClassDef) -> Iterator[tuple[str, ast.Call]]:
    """Each `@layercheck.implements("relu", ...)` of a function or a class, with its op."""
    for mark, said in marked_as(node):
        op = None if said is None else literal(said)
        if op in names.OPS:
            yield str(op), mark


def wrong_mark(node: ast.stmt) -> str:
    """What is wrong with a decorator that names no op; empty where none is."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        for _, said in marked_as(node):
            if said is None or literal(said) not in names.OPS:
                written = "" if said is None else ast.unparse(said)
                return f"implements({written}); expected one of: {', '.join(names.OPS)}"
    return ""


def marked_as(
    node: ast.FunctionDef | ast.ClassDef,
) -> Iterator[tuple[ast.Call, ast.expr | None]]:
    """Each such decorator with what it says the op is; None where it says nothing."""
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and is_decorator(mark.func):
            by_name = (word.value for word in mark.keywords if word.arg == "op")
            yield mark, mark.args[0] if mark.args else next(by_name, None)
