"""A submission's module run, and its functions called."""

from __future__ import annotations

import ast
import importlib.util
import linecache
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .call import Namespace, NotImplementedYet
from .explanations import STARS, explained
from .imports import PACKAGE, STUB, Imports, package
from .stubs import stub
from .syntax import parse

FILES: list[str] = []
"""The names of the submission's own files, for tracebacks."""


def load(source: str, name: str, helpers: Mapping[str, str] | None = None) -> Namespace:
    """Run a submission's module; its namespace. Whatever it raises comes out, explained.

    helpers: the sources of the modules that lie beside it, by name.
    """
    if helpers:
        sys.meta_path.insert(0, Helpers(helpers))
    module = ModuleType("submission")
    sys.modules["submission"] = module  # dataclasses look their module up
    run(module, source, name, helpers or {})
    return vars(module)


def run(module: ModuleType, source: str, name: str, helpers: Mapping[str, str]) -> None:
    """Run a source as a module, its imports made safe."""
    remember_lines(name, source)
    imports = Imports(helpers)
    tree = ast.fix_missing_locations(imports.visit(parse(source, name)))
    module.__file__ = name
    vars(module).update({STUB: stub, PACKAGE: package, STARS: imports.stars})
    explained(exec, compile(tree, name, "exec", dont_inherit=True), vars(module))


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
        if fullname not in self.sources:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=f"{fullname}.py")

    def create_module(self, spec: ModuleSpec) -> None:
        """As usual."""

    def exec_module(self, module: ModuleType) -> None:
        """Run its source."""
        name = module.__name__
        run(module, self.sources[name], f"{name}.py", self.sources)


def find(namespace: Namespace, name: str) -> Callable[..., Any]:
    """A function of the submission; raises NotImplementedYet where there is none."""
    function = namespace.get(name)
    if not callable(function):
        raise NotImplementedYet(name)
    return function  # type: ignore[no-any-return]


def invoke(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a submission's function; NotImplementedError becomes NotImplementedYet."""
    try:
        return explained(function, *args, **kwargs)
    except NotImplementedError as error:
        raise NotImplementedYet(str(error) or getattr(function, "__name__", "function")) from None
