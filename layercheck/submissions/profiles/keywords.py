"""Settings that a function reads from its own `**kw`: they are arguments as its others are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

READS = ("get", "pop", "setdefault")


def reads_of(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr | None, bool]]:
    """Each setting that is read, its default, and whether it may be left away: `kw["stride"]` may
    not be, unless the function asks whether it is there."""
    if function.args.kwarg is None:
        return
    name, asked, found = function.args.kwarg.arg, set[str](), dict[str, ast.expr | None]()
    for node in ast.walk(function):
        if isinstance(node, ast.Compare) and any(is_name(one, name) for one in node.comparators):
            asked |= {word} if (word := word_of(node.left)) else set()
        elif isinstance(node, ast.Call) and is_read(node, name):
            word = word_of(node.args[0])
            if word and (len(node.args) > 1 or node.func.attr == "get"):  # type: ignore[attr-defined]
                asked.add(word)
            if word:
                default = node.args[1] if len(node.args) > 1 else None
                found[word] = found.get(word) or default
        elif isinstance(node, ast.Subscript) and is_name(node.value, name):
            found.setdefault(word, None) if (word := word_of(node.slice)) else None
    own = {arg.arg for arg in (*function.args.posonlyargs, *function.args.args)}
    yield from ((word, one, word in asked) for word, one in found.items() if word not in own)


def is_handed_on(function: ast.FunctionDef) -> bool:
    """Whether a function does anything else with its keywords than reading some, and refusing."""
    kwarg = function.args.kwarg
    if kwarg is None:
        return False
    read = set[int]()
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and is_read(node, kwarg.arg) and word_of(node.args[0]):
            read.add(id(node.func.value))  # type: ignore[attr-defined]
        elif isinstance(node, ast.Subscript) and word_of(node.slice):
            read.add(id(node.value))
        elif isinstance(node, ast.Compare) and word_of(node.left):
            read |= {id(one) for one in node.comparators}
        elif isinstance(node, (ast.If, ast.Assert)):
            read |= {id(part) for part in ast.walk(node.test)} if refuses(node) else set()
        elif isinstance(node, ast.Raise):
            read |= {id(part) for part in ast.walk(node)}
    uses = (node for node in ast.walk(function) if is_name(node, kwarg.arg))
    return any(id(node) not in read for node in uses)


def refuses(node: ast.If | ast.Assert) -> bool:
    """Whether a statement does nothing else."""
    return isinstance(node, ast.Assert) or isinstance(node.body[0], ast.Raise)


def is_read(node: ast.Call, name: str) -> bool:
    """Whether a call is one of `kw.get`, `kw.pop`, ..."""
    called = node.func
    is_method = isinstance(called, ast.Attribute) and called.attr in READS
    return is_method and is_name(called.value, name) and bool(node.args)  # type: ignore[attr-defined]


def is_name(node: ast.AST, name: str) -> bool:
    """Whether a node is this name."""
    return isinstance(node, ast.Name) and node.id == name


def word_of(node: ast.expr) -> str:
    """A text that stands there; empty for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
