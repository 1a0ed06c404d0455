"""Every native way to ask a framework: what a person gets who writes the call in its manual.

A family is a file `<name>_routes.py` with one function an op, named as the op, and `VARIANTS`:
other ways to run these functions (memory layout, compiled, another kernel library). A route is
called `torch`, or `torch/channels_last`. Nothing is emulated: arguments go to the framework as they
were said, those that were not said are left to its own defaults, and what it refuses is its answer.
Layouts are turned at the ends, since those are how an array is handed over.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from .route import Asked, Bits, Family, Lacking

SUFFIX = "_routes"
VARIANTS = "VARIANTS"


def families() -> list[str]:
    """The families there are, whether or not their framework is installed."""
    modules = (module.name for module in pkgutil.iter_modules(__path__))
    return [name.removesuffix(SUFFIX) for name in modules if name.endswith(SUFFIX)]


@cache
def names() -> tuple[str, ...]:
    """Every route, by its family; read from the files, so that no framework is imported."""
    return tuple(name for family in families() for name in _of(family))


def _of(family: str) -> Iterator[str]:
    yield family
    for node in _tree(family).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == VARIANTS:
            keys = node.value.keys if isinstance(node.value, ast.Dict) else ()
            yield from (f"{family}/{ast.literal_eval(key)}" for key in keys if key)


@cache
def usual() -> tuple[str, ...]:
    """The routes that are asked where none is named: all but those that their family marks as
    ON_REQUEST."""
    return tuple(name for name in names() if not _is_on_request(*name.partition("/")[::2]))


@cache
def rounded() -> tuple[str, ...]:
    """The routes that their family marks as ROUNDED: they round to fewer digits than the dtype of a
    case has, so that the bounds of that dtype are not theirs."""
    every = (name.partition("/") for name in names())
    return tuple(f"{f}/{v}" for f, _, v in every if v in _told(f, "ROUNDED", ()))


def _is_on_request(family: str, variant: str) -> bool:
    return variant.startswith(_told(family, "ON_REQUEST", ())) if variant else False


def _told(family: str, name: str, otherwise: Any) -> Any:
    """What a family's file says under a name."""
    for node in _tree(family).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    return otherwise


@cache
def _tree(family: str) -> ast.Module:
    return ast.parse(source_of(family).read_text(encoding="utf-8"))


def source_of(family: str) -> Path:
    """The file of a family."""
    files = [Path(folder) / f"{family}{SUFFIX}.py" for folder in __path__]
    return next((file for file in files if file.is_file()), files[0])


def add_folder(folder: str) -> None:
    """From now on this process knows the families that lie there, too."""
    if folder not in __path__:
        __path__.append(folder)
        names.cache_clear()
        usual.cache_clear()
        rounded.cache_clear()


def load(route: str) -> Family:
    """Import the family of a route; raises ImportError where its framework is not installed."""
    family = route.partition("/")[0]
    return cast(Family, importlib.import_module(f"{__name__}.{family}{SUFFIX}"))


def environment(route: str) -> Mapping[str, str]:
    """What has to be set where a route runs, before its framework is imported; what stands under ""
    is of all variants that name nothing."""
    family, _, variant = route.partition("/")
    told = _told(family, "ENVIRONMENT", {})
    return cast(Mapping[str, str], told.get(variant, told.get("", {})))


def packages(route: str) -> list[str]:
    """What the file of a route imports whole: its framework."""
    imports = (n for n in _tree(route.partition("/")[0]).body if isinstance(n, ast.Import))
    return [node.names[0].name.partition(".")[0] for node in imports]


def framework(family: str, versions: Mapping[str, str]) -> str:
    """Whose defect one of a family is: what its file names as FRAMEWORK, else what it is called as,
    else the first of its versions (torch_modules are torch's)."""
    named = str(_told(family, "FRAMEWORK", family))
    return named if named in versions else next(iter(versions), named)


def missing(route: str) -> list[str]:
    """Which packages of a route are not installed."""
    return [name for name in dict.fromkeys(packages(route)) if find_spec(name) is None]


def is_here(route: str) -> bool:
    """Whether the framework of a route is installed."""
    return not missing(route)


__all__ = [
    "Asked",
    "Bits",
    "Family",
    "Lacking",
    "add_folder",
    "environment",
    "families",
    "framework",
    "is_here",
    "load",
    "missing",
    "names",
    "packages",
    "rounded",
    "source_of",
    "usual",
]
