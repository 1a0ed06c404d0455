"""Whether an error only says that a template was not filled in: `out = None; out.astype(...)`."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, TypeGuard

BLANKS = (None, Ellipsis)


def is_unfilled(error: BaseException, is_theirs: Callable[[str], bool]) -> bool:
    """Whether it was raised where a variable is used that holds what the template put there."""
    if not isinstance(error, (AttributeError, TypeError)):
        return False
    try:
        frame, line = innermost(error, is_theirs)
        return frame is not None and bool(blanks(frame) & used_blanks(frame, line))
    except BaseException:  # a hostile frame: then it is an error like any other
        return False


def innermost(
    error: BaseException, is_theirs: Callable[[str], bool]
) -> tuple[FrameType | None, int]:
    """The frame of the submission in which it was raised, and the line."""
    found: tuple[FrameType | None, int] = (None, 0)
    trace = error.__traceback__
    while trace is not None:
        if is_theirs(trace.tb_frame.f_code.co_filename):
            found = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    return found


def blanks(frame: FrameType) -> set[str]:
    """The local variables that hold None or `...`."""
    return {name for name, value in frame.f_locals.items() if value is None or value is Ellipsis}


def used_blanks(frame: FrameType, line: int) -> set[str]:
    """The variables that the line uses, and to which nothing but a blank was assigned before it."""
    tree = ast.parse("".join(linecache.getlines(frame.f_code.co_filename)))
    function = enclosing(tree, frame.f_code.co_name, frame.f_code.co_firstlineno)
    if function is None:
        return set()
    used = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.lineno == line
    }
    filled = {n for n, value, at in assignments(function) if at < line and not is_blank(value)}
    begun = {name for name, value, at in assignments(function) if at < line and is_blank(value)}
    return used & (begun - filled)


def enclosing(tree: ast.Module, name: str, line: int) -> ast.FunctionDef | None:
    """The function whose code this is; its decorators may stand above it."""
    found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == name]
    return min(found, key=lambda node: abs(node.lineno - line), default=None)


def assignments(function: ast.FunctionDef) -> Iterator[tuple[str, Any, int]]:
    """(name, value, line) of every assignment; value None where it is no plain one."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for place in node.targets:
                yield from pairs(place, node.value, node.lineno)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from pairs(node.target, node.value, node.lineno)
        elif is_stored(node) and not is_plain_target(function, node):
            yield node.id, None, node.lineno


def is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    """Whether a name is given a value: by a loop, a `with`, an `except`."""
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def pairs(place: ast.expr, value: ast.expr, line: int) -> Iterator[tuple[str, Any, int]]:
    """The names of `a, b = None, None`, each with its own value."""
    if isinstance(place, ast.Name):
        yield place.id, value, line
    elif isinstance(place, (ast.Tuple, ast.List)):
        values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
        fits = len(values) == len(place.elts)
        for i, part in enumerate(place.elts):
            yield from pairs(part, values[i] if fits else value, line)


def is_plain_target(function: ast.FunctionDef, name: ast.Name) -> bool:
    """Whether a name stands left in an assignment, which `pairs` tells of."""
    return any(
        name in ast.walk(place)
        for node in ast.walk(function)
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for place in (node.targets if isinstance(node, ast.Assign) else [node.target])
    )


def is_blank(value: Any) -> bool:
    """Whether a value is what templates put where something is to be written."""
    return isinstance(value, ast.Constant) and value.value in BLANKS
