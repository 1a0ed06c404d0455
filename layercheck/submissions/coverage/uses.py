"""Which functions of a file mention which others."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
Functions = (ast.FunctionDef, ast.AsyncFunctionDef)
ALWAYS = ("__init__", "__call__", "__new__", "__post_init__")


def owners_of(tree: ast.Module) -> dict[str, ast.stmt]:
    """What a file defines at its top: functions, `Class`, `Class.method`, other names."""
    found: dict[str, ast.stmt] = {}
    for node in ast.iter_child_nodes(tree):
        for one in tops(node):
            found.update(dict(defined(one)))
    return found


def tops(node: ast.AST) -> Iterator[ast.stmt]:
    """A statement, or those inside it where it only decides what is defined."""
    if isinstance(node, (ast.If, ast.Try, ast.With, ast.ExceptHandler)):
        for inner in ast.iter_child_nodes(node):
            yield from tops(inner)
    elif isinstance(node, ast.stmt):
        yield node


def defined(node: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    """The names that a statement defines."""
    if isinstance(node, Function):
        yield node.name, node
    elif isinstance(node, ast.ClassDef):
        yield node.name, node
        yield from ((f"{node.name}.{m.name}", m) for m in node.body if isinstance(m, Function))
        yield from (
            (f"{node.name}.{target.id}", one)
            for one in node.body
            if isinstance(one, ast.Assign)
            for target in one.targets
            if isinstance(target, ast.Name)
        )
    elif isinstance(node, ast.Assign):
        yield from ((ast.unparse(target), node) for target in node.targets)


def uses_of(tree: ast.Module) -> dict[str, list[str]]:
    """For each of them what it mentions, methods by the classes that are mentioned with them."""
    owners = owners_of(tree)
    bases = {
        name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for name, node in owners.items()
        if isinstance(node, ast.ClassDef)
    }
    found = {
        name: list(mentioned(name, node, owners, bases))
        for name, node in owners.items()
        if not isinstance(node, ast.ClassDef)
    }
    for name in bases:  # what a class inherits goes by its own name too
        for base in family(name, bases):
            for method in methods_of(base, owners):
                found.setdefault(f"{name}.{method}", [f"{base}.{method}"])
    return found


def mentioned(
    name: str, node: ast.stmt, owners: dict[str, ast.stmt], bases: dict[str, list[str]]
) -> Iterator[str]:
    """What a definition mentions; what a mere assignment calls runs when the file is loaded."""
    names = names_in(node)
    if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Lambda):
        names -= {ast.unparse(p.func) for p in ast.walk(node) if isinstance(p, ast.Call)}
    attributes = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    yield from sorted(names & owners.keys() - bases.keys() - {name})
    own = name.partition(".")[0]
    classes = {own, *names} & bases.keys()
    for one in dict.fromkeys(c for start in sorted(classes) for c in family(start, bases)):
        for method in methods_of(one, owners):
            if method in attributes or method in ALWAYS:
                yield f"{one}.{method}"


def family(name: str, bases: dict[str, list[str]]) -> list[str]:
    """A class and those of the file that it inherits from."""
    due, seen = [name], list[str]()
    while due:
        one = due.pop(0)
        if one in bases and one not in seen:
            seen.append(one)
            due += bases[one]
    return seen


def methods_of(name: str, owners: Iterable[str]) -> list[str]:
    """The methods of a class."""
    return [one.partition(".")[2] for one in owners if one.startswith(f"{name}.")]


def names_in(node: ast.AST) -> set[str]:
    """Every name that a piece of code mentions."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def decorators_of(tree: ast.Module) -> set[str]:
    """The functions that only run when the file is loaded; those inside them run later."""
    marks = (
        mark
        for node in ast.walk(tree)
        if isinstance(node, (*Functions, ast.ClassDef))
        for mark in node.decorator_list
    )
    called = (mark.func if isinstance(mark, ast.Call) else mark for mark in marks)
    return {one.id for one in called if isinstance(one, ast.Name)}
