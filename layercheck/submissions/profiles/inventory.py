"""What a file defines: functions and classes at its top, each of which a report accounts for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .annotations import aliases_of, read_annotations
from .handed_on import with_names
from .names import plain
from .packages import helper_named, origins, package_of


@dataclass(frozen=True)
class File:
    """A submission's file, parsed.

    tree · source · definitions: functions, classes and names that stand for a function, by name, in
    the order of the file · table: what somebody declared of it · known: names that mean a function
    whatever is assigned to them · helpers: the modules beside it, by name · package: the one that
    it is a module of · wrong: what is wrong with what a function says itself that it is.
    """

    tree: ast.Module
    source: str
    table: Mapping[str, Any] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    helpers: Mapping[str, ast.Module] = field(default_factory=dict)
    package: str = ""
    wrong: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        read_annotations(self.tree, dict(self.aliases_beside()))

    def aliases_beside(self) -> Iterator[tuple[str, ast.expr]]:
        """The types that modules beside this one have names for, by the names that they have
        here."""
        for local, origin in self.imported.items() if self.helpers else ():
            module, _, name = origin.rpartition(".")
            helper = helper_named(module, self.helpers)
            found = aliases_of(self.helpers[helper]) if helper else {}
            named = found.items() if local.endswith(".*") else [(local, found.get(name))]
            yield from ((own, value) for own, value in named if value is not None)

    @cached_property
    def definitions(self) -> dict[str, ast.stmt]:
        """By name; of several definitions the last one, which counts."""
        found: dict[str, ast.stmt] = {}
        for node in statements(self.tree.body):
            for name, made in defined(node):
                if isinstance(made, ast.stmt):
                    found[name] = made
                elif isinstance(made, ast.Lambda):
                    found[name] = written_out(name, made)
                elif stands_for_function(made, found) or name in self.known:
                    found[name] = node
        return found

    @cached_property
    def known_plainly(self) -> frozenset[str]:
        """The known names without case and underscores."""
        return frozenset(map(plain, self.known))

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """The functions whose text is here, by every name that they have."""
        found: dict[str, ast.FunctionDef] = {}
        for name, node in self.definitions.items():
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            if isinstance(node, ast.FunctionDef):
                found[name] = node
            elif isinstance(value, ast.Name) and value.id in found:
                found[name] = found[value.id]
        return {name: with_names(node, found) for name, node in found.items()}

    @cached_property
    def imported(self) -> dict[str, str]:
        """What each imported name stands for: `{"Back": "base.Back"}`."""
        return origins(self.tree, self.package)

    @property
    def starred(self) -> list[str]:
        """The modules of which everything is imported."""
        return [name for local, name in self.imported.items() if local.endswith(".*")]

    def beside(self, module: str) -> File | None:
        """A module beside this one, by the name that an import gives it."""
        name = helper_named(module, self.helpers)
        if not name:
            return None
        known, own = self.known, package_of(name, self.helpers)
        return File(self.helpers[name], "", {}, known, self.helpers, own)

    def reach(self, *nodes: ast.AST) -> ast.Module:
        """These and every function and class of the file that they mention, and those in turn."""
        due, seen = list(nodes), [*nodes]
        while due:
            for name in names_in(due.pop()):
                other = self.definitions.get(name)
                if other is not None and other not in seen:
                    due.append(other)
                    seen.append(other)
        return ast.Module([one for one in seen if isinstance(one, ast.stmt)], [])


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those inside other ones included, where they may be run."""
    for node in body:
        if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            yield from (one for handler in handlers(node) for one in statements(handler.body))
            for name in ("body", "orelse", "finalbody"):
                yield from statements(getattr(node, name))
        elif isinstance(node, ast.If):
            yield from statements(() if is_never(node.test) else node.body)
            yield from statements(() if is_always(node.test) else node.orelse)
        elif isinstance(node, ast.Match):
            yield from (one for case in node.cases for one in statements(case.body))
        elif isinstance(node, (ast.With, ast.For, ast.While)):
            yield from statements(node.body)
            yield from statements(getattr(node, "orelse", ()))
        else:
            yield node


def handlers(node: ast.stmt) -> list[ast.ExceptHandler]:
    """Those of a `try`; what they define counts only where nothing else does."""
    return list(getattr(node, "handlers", ()))


def is_never(test: ast.expr) -> bool:
    """`if False:`, `if 0:`, `if TYPE_CHECKING:`, `if __name__ == "__main__":`."""
    if isinstance(test, ast.Constant):
        return not test.value
    return ast.unparse(test) in (
        "TYPE_CHECKING",
        "typing.TYPE_CHECKING",
        "__name__ == '__main__'",
    )


def is_always(test: ast.expr) -> bool:
    """`if True:`, `if 1:`."""
    return isinstance(test, ast.Constant) and bool(test.value)


def defined(node: ast.stmt) -> Iterator[tuple[str, ast.stmt | ast.expr]]:
    """The names that a statement binds at the module's top: with the definition, or the value."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name, node
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from pairs(target, node.value)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from pairs(node.target, node.value)
    for part in ast.walk(node) if isinstance(node, (ast.Expr, ast.Assign)) else ():
        if isinstance(part, ast.NamedExpr):
            yield from pairs(part.target, part.value)


def pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """`a, b = f, g` as a with f and b with g."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, (ast.Tuple, ast.List)):
        values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
        fits = len(values) == len(target.elts)
        for i, part in enumerate(target.elts):
            yield from pairs(part, values[i] if fits else value)


def written_out(name: str, value: ast.Lambda) -> ast.FunctionDef:
    """`name = lambda x: y` as the function that it is."""
    made = ast.parse(f"def {name}(): ...").body[0]
    assert isinstance(made, ast.FunctionDef)
    body = ast.Return(value.body)
    made.args, made.body = value.args, [ast.copy_location(body, value)]
    return ast.fix_missing_locations(ast.copy_location(made, value))


def stands_for_function(value: ast.expr, known: Mapping[str, ast.stmt]) -> bool:
    """The name of a function of the file."""
    return isinstance(value, ast.Name) and isinstance(
        known.get(value.id), (ast.FunctionDef, ast.Assign)
    )


def names_in(node: ast.AST) -> set[str]:
    """Every name that a definition mentions."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def is_absent(file: File, name: str) -> bool:
    """Whether nothing in the text says that a name is there once the file runs: no definition, no
    import, no other mention of it."""
    stars = [helper for module in file.starred if (helper := file.beside(module)) is not None]
    texts = [file.tree, *(helper.tree for helper in stars)]
    return name not in file.definitions and not any(name in mentions(tree) for tree in texts)


def mentions(tree: ast.AST) -> set[str]:
    """Every name and every string in a text."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found |= {node.name, node.asname or ""}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def is_private(name: str) -> bool:
    """Whether a name says that it is a helper's."""
    return name.startswith("_")
