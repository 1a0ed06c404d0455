"""Which functions of a file mention which others."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
Functions = (ast.FunctionDef, ast.AsyncFunctionDef)
MOST_NAMES = 20_000
"""A file with more of them is not followed."""

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
        named = (one for one in node.targets if not isinstance(one, ast.Subscript))
        yield from ((ast.unparse(target), node) for target in named)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield ast.unparse(node.target), node


@dataclass(frozen=True)
class Defined:
    """What a file defines at its top. owners: every name · bases: of each class · methods: of each
    class, its own ones."""

    owners: Mapping[str, ast.stmt]
    bases: Mapping[str, Sequence[str]]
    methods: Mapping[str, Sequence[str]]

    def family(self, name: str) -> list[str]:
        """A class and those of the file that it inherits from."""
        due, seen = deque([name]), dict[str, None]()
        while due:
            one = due.popleft()
            if one in self.bases and one not in seen:
                seen[one] = None
                due += self.bases[one]
        return list(seen)


def defined_in(tree: ast.Module) -> Defined:
    """What a file defines."""
    owners = owners_of(tree)
    bases = {
        name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for name, node in owners.items()
        if isinstance(node, ast.ClassDef)
    }
    methods: dict[str, list[str]] = {name: [] for name in bases}
    for name in owners:
        owner, _, method = name.partition(".")
        if method and owner in methods:
            methods[owner].append(method)
    return Defined(owners, bases, methods)


def uses_of(tree: ast.Module) -> dict[str, list[str]]:
    """For each of them what it mentions, methods by the classes that are mentioned with them.

    Raises ValueError where what is inherited is more than can be followed.
    """
    here = defined_in(tree)
    found = {
        name: list(mentioned(name, node, here))
        for name, node in here.owners.items()
        if not isinstance(node, ast.ClassDef)
    }
    for name in here.bases:  # what a class inherits goes by its own name too
        for base in here.family(name):
            for method in here.methods[base]:
                found.setdefault(f"{name}.{method}", [f"{base}.{method}"])
        if len(found) > MOST_NAMES:
            raise ValueError(f"more than {MOST_NAMES} methods, inherited ones included")
    return found


def mentioned(name: str, node: ast.stmt, here: Defined) -> Iterator[str]:
    """What a definition mentions; what a mere assignment calls runs when the file is loaded."""
    names = names_in(node)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        later = {n for one in lambdas_in(node) for n in names_in(one)}
        called = (p.func for p in ast.walk(node) if isinstance(p, ast.Call))
        names -= {ast.unparse(function) for function in called} - later
    attributes = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    known = names & here.owners.keys()
    yield from sorted(known - here.bases.keys() - {name})
    classes = {name.partition(".")[0], *known} & here.bases.keys()
    for one in dict.fromkeys(c for start in sorted(classes) for c in here.family(start)):
        for method in here.methods[one]:
            if method in attributes or method in ALWAYS:
                yield f"{one}.{method}"


def names_in(node: ast.AST) -> set[str]:
    """Every name that a piece of code mentions."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


EAGER = ("sorted", "sort", "min", "max", "map", "filter", "reduce", "any", "all", "sum", "next")
"""What calls a function that it is given, and keeps none."""


def lambdas_in(node: ast.AST) -> Iterator[ast.Lambda]:
    """The lambdas of a statement that run after it, those inside another one left out."""
    due = deque([node])
    while due:
        one = due.popleft()
        if isinstance(one, ast.Lambda):
            yield one
        elif not (isinstance(one, ast.Call) and ast.unparse(one.func).split(".")[-1] in EAGER):
            due += ast.iter_child_nodes(one)


def decorators_of(tree: ast.Module) -> dict[str, int]:
    """The functions that only run when the file is loaded, and how deep in them what runs later is
    defined: 1 below `@name`, 2 below `@name(...)`, which makes the decorator first."""
    marks = (
        mark
        for node in ast.walk(tree)
        if isinstance(node, (*Functions, ast.ClassDef))
        for mark in node.decorator_list
    )
    found: dict[str, int] = {}
    for mark in marks:
        is_called = isinstance(mark, ast.Call)
        one = mark.func if isinstance(mark, ast.Call) else mark
        if isinstance(one, ast.Name):
            found[one.id] = max(found.get(one.id, 0), 1 + is_called)
    return found


def called_in(node: Function) -> set[str]:
    """What a function calls by name itself, outside of the functions inside it."""
    due, found = deque[ast.AST](node.body), set[str]()
    while due:
        one = due.popleft()
        if isinstance(one, Functions):
            continue
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name):
            found.add(one.func.id)
        due += ast.iter_child_nodes(one)
    return found
