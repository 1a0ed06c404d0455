"""The lines of a family of routes that one call needs, as one piece of code by itself.

What a script shows is what the route does, since it is the same lines.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from oracles import routes

ROOT = Path(routes.__path__[0]).parents[1]


@dataclass
class Gathered:
    """imports: lines · pieces: by file and line, source; files in the order of their need."""

    imports: dict[str, None] = field(default_factory=dict)
    pieces: dict[tuple[int, int], str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def text(self) -> str:
        """All of it: imports first, then what others need before those."""
        return "\n".join(
            [*sorted(self.imports), "", *(self.pieces[k] for k in sorted(self.pieces))]
        )


def code_of(route: str, op: str) -> str:
    """The code by which a route answers questions about an op: `way(asked)` does it."""
    family, _, variant = route.partition("/")
    file = routes.source_of(family)
    made = Gathered()
    order(made, file)
    value = way_of(file, variant)
    for name in [*names_in(value), op]:
        gather(made, file, name)
    for used in list(made.files):
        settings(made, used)
    return f"{made.text()}\n\nway = {ast.unparse(value)}\n"


def order(made: Gathered, file: Path) -> None:
    """The files in the order of their need: what a file imports from stands before it."""
    for node in tree(file).body:
        other = file_of(node, file) if isinstance(node, ast.ImportFrom) else None
        if other is not None and other not in made.files:
            order(made, other)
    if file not in made.files:
        made.files.append(file)


def way_of(file: Path, variant: str) -> ast.expr:
    """The function of a variant, as an expression."""
    for node in tree(file).body:
        told = node.value if isinstance(node, ast.Assign) else None
        if bound(node) == {routes.VARIANTS} and isinstance(told, ast.Dict):
            for key, value in zip(told.keys, told.values, strict=True):
                if key is not None and ast.literal_eval(key) == variant:
                    return value
    return ast.Name("answer", ast.Load())


def gather(made: Gathered, file: Path, name: str) -> None:
    """Add what a name of a file is, and all that this needs."""
    for node in tree(file).body:
        if name in bound(node):
            if isinstance(node, ast.ImportFrom) and file_of(node, file) is not None:
                gather(made, file_of(node, file) or file, name)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                made.imports[ast.unparse(node)] = None
            else:
                add(made, file, node)


def add(made: Gathered, file: Path, node: ast.stmt) -> None:
    """Add a statement, and what it needs."""
    place = (made.files.index(file), node.lineno)
    if place in made.pieces:
        return
    made.pieces[place] = source(file, node) + "\n"
    for name in names_in(node):
        gather(made, file, name)


def settings(made: Gathered, file: Path) -> None:
    """What a file of which anything is used does when it is imported: threads, logs."""
    if any(place == made.files.index(file) for place, _ in made.pieces):
        for node in tree(file).body:
            text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if isinstance(node, (ast.Expr, ast.With)) and not text:
                add(made, file, node)


@cache
def tree(file: Path) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse(file.read_text(encoding="utf-8"))


def source(file: Path, node: ast.stmt) -> str:
    """A statement as it is written, with its decorators."""
    lines = file.read_text(encoding="utf-8").splitlines()
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    return "\n".join(lines[first - 1 : node.end_lineno])


def bound(node: ast.stmt) -> set[str]:
    """The names that a statement gives a meaning."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(one.asname or one.name).partition(".")[0] for one in node.names}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Assign):  # of a tuple, too
        return {name for target in node.targets for name in stored(target)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def stored(target: ast.expr) -> Iterator[str]:
    """The names that a target of an assignment gives a meaning."""
    for one in ast.walk(target):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id


def names_in(node: ast.AST) -> list[str]:
    """The names that a piece of code mentions."""
    found = (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
    return [name for name in dict.fromkeys(found) if not hasattr(builtins, name)]


def file_of(node: ast.ImportFrom, file: Path) -> Path | None:
    """The file of ours that something is imported from; None where it is a library."""
    module = node.module or ""
    if node.level:
        beside = file.parent / f"{module.replace('.', '/')}.py"
        own = beside if beside.is_file() else Path(routes.__path__[0]) / beside.name
    elif module.partition(".")[0] == "oracles":
        own = ROOT / f"{module.replace('.', '/')}.py"
    else:
        return None
    return own if own.is_file() else None
