"""Names of modules beside a file, `base` or `pkg.base`, and what an import means by one."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator


def absolute(module: str, level: int, package: str) -> str:
    """The name of the module of a `from` that may be relative.

    >>> absolute("base", 1, "pkg"), absolute("", 1, "pkg"), absolute("base", 1, "")
    ('pkg.base', 'pkg', 'base')
    """
    if not level:
        return module
    parts = package.split(".") if package else []
    return ".".join(filter(None, [*parts[: len(parts) - level + 1], module]))


def helper_named(module: str, helpers: Collection[str]) -> str:
    """The helper that an import means: by its whole name, or by its last part where the file's own
    folder is the package; empty if there is none."""
    last = module.rpartition(".")[2]
    return next((name for name in (module, last) if name and name in helpers), "")


def is_package(name: str, helpers: Collection[str]) -> bool:
    """Whether any helper lies in it."""
    return any(other.startswith(f"{name}.") for other in helpers)


def package_of(name: str, helpers: Collection[str]) -> str:
    """The package that a helper's relative imports start from."""
    return name if is_package(name, helpers) else name.rpartition(".")[0]


def file_of(name: str, helpers: Collection[str]) -> str:
    """The file that a helper comes from, for tracebacks."""
    path = name.replace(".", "/")
    return f"{path}/__init__.py" if is_package(name, helpers) else f"{path}.py"


def origins(tree: ast.Module, package: str = "") -> dict[str, str]:
    """What each imported name stands for; of `from base import *` the key is `base.*`."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            module = absolute(node.module or "", node.level, package)
            for alias in node.names:
                if alias.name == "*":
                    found[f"{module}.*"] = module
                else:
                    whole = f"{module}.{alias.name}" if module else alias.name
                    found[alias.asname or alias.name] = whole
    return found


def candidates(module: str, names: Collection[str] = ()) -> Iterator[str]:
    """The modules that an import may want: it, its packages, and what is taken from it."""
    parts = module.split(".") if module else []
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))
    yield from (f"{module}.{name}" if module else name for name in names)
    yield from parts[-1:]
    yield from names
