"""A submission's module run, and its functions called."""

from __future__ import annotations
import __future__

import ast
import importlib.util
import linecache
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import PurePath
from types import ModuleType
from typing import Any

from layercheck.submissions.coverage import instrument, recorder

from .call import Namespace, NotImplementedYet
from .explanations import DROPPED, STARS, explained
from .imports import PACKAGE, STUB, Imports, guarded
from .notebooks import is_notebook
from .packages import file_of, is_package, package_of
from .stubs import broken, root, stub
from .syntax import parse
from .traced import tracers

UNEVALUATED = __future__.annotations.compiler_flag
"""Annotations are kept as text: what they name need not be here."""

FILES: list[str] = []
"""The names of the submission's own files, for tracebacks."""


def load(
    source: str,
    name: str,
    helpers: Mapping[str, str] | None = None,
    dropped: Mapping[str, int] | None = None,
) -> Namespace:
    """Run a submission's module; its namespace. Whatever it raises comes out, explained.

    helpers: the sources of the modules that lie beside it, by name · dropped: of a notebook in
    which cell a name is assigned that is not here.
    """
    if helpers:
        sys.meta_path.insert(0, Helpers(helpers))
    module = ModuleType("submission")
    sys.modules["submission"] = module  # dataclasses look their module up
    sys.modules.setdefault(PurePath(name).stem, module)  # and helpers import it by its name
    vars(module).update({DROPPED: dict(dropped or {}), **recorder.CALLS})
    made = instrument.followed(source, name)
    run(module, source, name, helpers or {}, followed=None if made is None else made[0])
    return vars(module)


def run(
    module: ModuleType,
    source: str,
    name: str,
    helpers: Mapping[str, str],
    package: str = "",
    followed: ast.Module | None = None,
) -> None:
    """Run a source as a module, its imports made safe.

    followed: its syntax tree with the calls that tell what of it runs.
    """
    remember_lines(name, source)
    imports = Imports(helpers, package)
    tree = imports.visit(followed or parse(source, name))
    if is_notebook(name):
        tree.body = [shielded(node) for node in tree.body]
    tree = ast.fix_missing_locations(tree)
    module.__file__ = name
    vars(module).update({STUB: stub, PACKAGE: package, STARS: imports.stars})
    code = compile(tree, name, "exec", UNEVALUATED, dont_inherit=True)
    explained(exec, code, vars(module))


def shielded(node: ast.stmt) -> ast.stmt:
    """A notebook's assignment that calls something: where it fails, it costs what uses it."""
    calls = isinstance(node, (ast.Assign, ast.AnnAssign)) and any(
        isinstance(part, ast.Call) for part in ast.walk(node)
    )
    if not calls:
        return node
    return ast.copy_location(guarded(node, ast.Pass(), "Exception"), node)


def remember_lines(name: str, source: str) -> None:
    """Tracebacks show the submission's lines although no file of that name lies here."""
    FILES.append(name)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)


class Helpers(MetaPathFinder, Loader):
    """Imports the modules that lie beside the submission from their sources."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """The spec of a helper; None for anything else."""
        folder = is_package(fullname, self.sources)
        if fullname not in self.sources and not folder:
            return None
        file = file_of(fullname, self.sources)
        return importlib.util.spec_from_loader(fullname, self, origin=file, is_package=folder)

    def create_module(self, spec: ModuleSpec) -> None:
        """As usual."""

    def exec_module(self, module: ModuleType) -> None:
        """Run its source; whatever that raises is an import that failed, with the reason."""
        name = module.__name__
        file, package = file_of(name, self.sources), package_of(name, self.sources)
        try:
            run(module, self.sources.get(name, ""), file, self.sources, package)
        except Exception as error:
            told = f"{file} beside it cannot be imported: {type(error).__name__}: {error}"
            broken[name] = broken[root(name)] = told
            raise ImportError(told, name=name) from None


def find(namespace: Namespace, name: str) -> Callable[..., Any]:
    """A function of the submission; raises NotImplementedYet where there is none."""
    function = namespace.get(name)
    if not callable(function):
        raise NotImplementedYet(name)
    for tracer in tracers:
        tracer.names[id(function)] = name
    return function  # type: ignore[no-any-return]


def invoke(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a submission's function; NotImplementedError becomes NotImplementedYet."""
    try:
        if tracers:
            tracers[0].begin(function, args, kwargs)
            return tracers[0].end(explained(function, *args, **kwargs))
        return explained(function, *args, **kwargs)
    except NotImplementedError as error:
        raise NotImplementedYet(str(error) or getattr(function, "__name__", "function")) from None
