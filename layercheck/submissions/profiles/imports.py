"""A submission's imports made safe: an import that fails costs the function that uses it.

What lies beside the file is imported from there; what is neither there, nor Python's, nor NumPy's
is replaced by a stub. Imports that a `try` guards are left alone.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Collection, Iterator
from types import SimpleNamespace
from typing import Any

from .explanations import STARS
from .packages import absolute, candidates, helper_named, is_package
from .stubs import is_available, root

STUB, PACKAGE = "__layercheck_stub__", "__layercheck_package__"


class Imports(ast.NodeTransformer):
    """Rewrites the imports of a module.

    helpers: the modules that lie beside the file · package: the one that the module is of.
    """

    def __init__(self, helpers: Collection[str] = (), package: str = "") -> None:
        self.helpers, self.package = helpers, package
        self.stars: list[str] = []

    def visit_Try(self, node: ast.Try) -> ast.AST:
        if not any(catches_import_error(handler) for handler in node.handlers):
            return self.generic_visit(node)
        for part in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(part)
        return node

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        return [ast.copy_location(self._imported(alias), node) for alias in node.names]

    def _imported(self, alias: ast.alias) -> ast.stmt:
        """One `import a.b.c as d`."""
        last = alias.name.rpartition(".")[2]
        if last != alias.name and alias.name in self.helpers:
            name, whole = (alias.asname, alias.name) if alias.asname else (root(alias.name),) * 2
            return guarded(ast.Import([alias]), bound(name, STUB, whole))
        if last in self.helpers:
            if alias.asname or last == alias.name:
                own: ast.stmt = ast.Import([ast.alias(last, alias.asname)])
                return guarded(own, bound(alias.asname or last, STUB, last))
            name = root(alias.name)
            return guarded(bound(name, PACKAGE, alias.name), bound(name, STUB, last))
        name, whole = (alias.asname, alias.name) if alias.asname else (root(alias.name),) * 2
        if not is_available(alias.name):
            return bound(name, STUB, whole)
        own = ast.Import([alias])
        if alias.name == root(alias.name):
            return own
        rest = bound(name, STUB, whole) if alias.asname else ast.Import([ast.alias(name)])
        return guarded(own, rest)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        module = node.module or ""
        if module == "__future__":
            return node
        made = [statement for alias in node.names for statement in self._taken(node, module, alias)]
        return [ast.copy_location(one, node) for one in made] or ast.copy_location(ast.Pass(), node)

    def _taken(self, node: ast.ImportFrom, module: str, alias: ast.alias) -> Iterator[ast.stmt]:
        """One name of `from module import name as own`."""
        whole = absolute(module, node.level, self.package)
        own_name = helper_named(whole, self.helpers)
        if not own_name and is_package(whole, self.helpers):
            own_name = whole
        if own_name:
            yield from self._of_helper(own_name, alias)
        elif alias.name in self.helpers and not is_available(module or "?"):
            own: ast.stmt = ast.Import([ast.alias(alias.name, alias.asname)])
            yield guarded(own, bound(alias.asname or alias.name, STUB, alias.name))
        elif not node.level and is_available(module):
            own = ast.ImportFrom(module, [alias], 0)
            stubbed = bound(alias.asname or alias.name, STUB, module, alias.name)
            yield own if alias.name == "*" else guarded(own, stubbed)
        elif alias.name == "*":
            self.stars.append("." * node.level + module)
        else:
            whole = module or "this package"
            yield bound(alias.asname or alias.name, STUB, whole, alias.name)

    def _of_helper(self, helper: str, alias: ast.alias) -> Iterator[ast.stmt]:
        """One name of `from helper import name as own`."""
        own = ast.ImportFrom(helper, [alias], 0)
        if alias.name == "*":
            yield guarded(own, starred(helper))
        else:
            yield guarded(own, bound(alias.asname or alias.name, STUB, helper, alias.name))


def starred(module: str) -> ast.stmt:
    """Remember that `from module import *` brought nothing."""
    return ast.parse(f"{STARS}.append({module!r})").body[0]


def bound(name: str, maker: str, *arguments: str) -> ast.stmt:
    """`name = maker(*arguments)`, in the place of an import."""
    call = ast.Call(ast.Name(maker, ast.Load()), [ast.Constant(a) for a in arguments], [])
    return ast.Assign([ast.Name(name, ast.Store())], call)


def guarded(statement: ast.stmt, otherwise: ast.stmt, error: str = "ImportError") -> ast.stmt:
    """The statement, an import mostly; where it fails, the other one."""
    handler = ast.ExceptHandler(ast.Name(error, ast.Load()), None, [otherwise])
    return ast.Try([statement], [handler], [], [])


def catches_import_error(handler: ast.ExceptHandler) -> bool:
    """Whether a `try` is there for imports that fail."""
    caught = "BaseException" if handler.type is None else ast.unparse(handler.type)
    return bool(re.search(r"ImportError|ModuleNotFoundError|\b(Base)?Exception\b", caught))


def package(dotted: str) -> SimpleNamespace:
    """What `import cs231n.im2col` binds to `cs231n` where im2col.py lies beside the file."""
    *folders, last = dotted.split(".")
    found: Any = importlib.import_module(last)
    for name in reversed([*folders[1:], last]):
        found = SimpleNamespace(**{name: found})
    return found  # type: ignore[no-any-return]


def named_module(call: ast.Call) -> list[str]:
    """The module of `importlib.import_module("util")`."""
    made = ast.unparse(call.func).rpartition(".")[2] in ("import_module", "__import__")
    first = call.args[0] if made and call.args else None
    value = first.value if isinstance(first, ast.Constant) else None
    return [value] if isinstance(value, str) else []


def wanted(tree: ast.AST, package: str = "") -> list[str]:
    """The modules that a file may want from beside it, whole names and last parts of them.

    package: the one that the file is a module of.
    """
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [name for alias in node.names for name in candidates(alias.name)]
        elif isinstance(node, ast.ImportFrom):
            module = absolute(node.module or "", node.level, package)
            names = [*candidates(module, [alias.name for alias in node.names])]
        elif isinstance(node, ast.Call):
            names = [name for made in named_module(node) for name in candidates(made)]
        else:
            continue
        found.update(dict.fromkeys(names))
    return [n for n in found if is_module_name(n) and not is_available(n)]


def is_module_name(name: str) -> bool:
    """Whether a file beside this one may be called like it."""
    parts = name.split(".")
    return all(part.isidentifier() for part in parts) and parts[0] != "layercheck"
