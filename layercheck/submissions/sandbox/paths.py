"""What a sandboxed Python reads: itself, NumPy, the child's files; and what must stay hidden."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).absolute().parents[2]
RUNTIME = PACKAGE / "submissions" / "child" / "runtime.py"
OWN = (
    "processes/sizes.py",
    "processes/wire.py",
    "submissions/child",
    "submissions/coverage",
    "submissions/profiles",
)
"""What of this package the child needs."""

SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")


@dataclass(frozen=True)
class Paths:
    """python: the interpreter itself, never a venv's link · trees: system folders and files ·
    hidden: the site-packages among them · numpy: its folders · own: what the child needs of ours.
    """

    python: str
    trees: tuple[str, ...]
    hidden: tuple[str, ...]
    numpy: tuple[str, ...]
    own: tuple[str, ...]

    @property
    def readable(self) -> list[str]:
        """Everything to read, where a tree cannot hide a folder: its other entries instead."""
        shown = [path for tree in self.trees for path in without(tree, self.hidden)]
        return [*shown, self.python, *self.numpy, *self.own, "/dev/urandom"]


def find_paths(profiles: Iterable[str] = ()) -> Paths:
    """The paths of the running interpreter."""
    python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    libraries = [f"{sys.base_prefix}/{name}" for name in ("lib", "lib64")]
    trees = existing(dict.fromkeys((*SYSTEM, *libraries)))
    numpy = folder_of("numpy")
    return Paths(
        python=python,
        trees=trees,
        hidden=tuple(dict.fromkeys(found for tree in trees for found in packages_below(tree))),
        numpy=existing((numpy, f"{os.path.dirname(numpy)}/numpy.libs")),
        own=(*(str(PACKAGE / name) for name in OWN), *profiles),
    )


def folder_of(package: str) -> str:
    """Where a package lies, which need not be imported yet."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    return os.path.dirname(os.path.abspath(str(spec.origin)))


def existing(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if os.path.exists(path))


def packages_below(tree: str) -> Iterator[str]:
    """The folders of installed packages in a library folder: frameworks may lie there."""
    for pattern in ("*-packages", "python*/*-packages"):
        for path in Path(tree).glob(pattern):
            if path.name in ("site-packages", "dist-packages") and path.is_dir():
                yield str(path.resolve())


def without(tree: str, hidden: tuple[str, ...]) -> list[str]:
    """The tree, or its entries with the hidden folders left out."""
    real = os.path.realpath(tree)
    if real in hidden:
        return []
    if not any(path.startswith(f"{real}/") for path in hidden):
        return [real]
    return [p for entry in os.scandir(real) for p in without(entry.path, hidden)]
