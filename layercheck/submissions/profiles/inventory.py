"""What a file defines: functions and classes at its top, each of which a report accounts for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class File:
    """A submission's file, parsed.

    tree · source · definitions: functions, classes and names that stand for a function, by name, in
    the order of the file · table: what somebody declared of it · known: names that mean a function
    whatever is assigned to them.
    """

    tree: ast.Module
    source: str
    table: Mapping[str, Any] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    @cached_property
    def definitions(self) -> dict[str, ast.stmt]:
        """By name; of several definitions the last one, which counts."""
        found: dict[str, ast.stmt] = {}
        for node in statements(self.tree.body):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found[node.name] = node
            elif isinstance(node, ast.Assign):
                names = [t.id for t in node.targets if isinstance(t, ast.Name)]
                if stands_for_function(node.value, found) or self.known.issuperset(names):
                    found.update(dict.fromkeys(names, node))
        return found

    @property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """The functions that are written out."""
        return {n: f for n, f in self.definitions.items() if isinstance(f, ast.FunctionDef)}


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those inside `if`, `try` and `with` included."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
            for name in ("body", "orelse", "finalbody"):
                yield from statements(getattr(node, name, ()))
            for handler in getattr(node, "handlers", ()):
                yield from statements(handler.body)


def stands_for_function(value: ast.expr, known: Mapping[str, ast.stmt]) -> bool:
    """`lambda x: ...`, or the name of a function of the file."""
    if isinstance(value, ast.Lambda):
        return True
    return isinstance(value, ast.Name) and isinstance(known.get(value.id), ast.FunctionDef)


def names_in(node: ast.AST) -> set[str]:
    """Every name that a definition mentions."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
