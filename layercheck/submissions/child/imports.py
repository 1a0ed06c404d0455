"""What a submission may import: the standard library and NumPy, wherever NumPy lies.

NumPy's own directory is found by name, so that the rest of its site-packages stays out of sight.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

FRAMEWORKS = {"torch", "torchvision", "tensorflow", "keras", "jax", "jaxlib", "flax", "flint"}
REFUSED = FRAMEWORKS | {"mxnet", "cupy", "tinygrad", "ref_layers", "oracles"}
OURS = ("layercheck.processes", "layercheck.submissions")


class NotAllowed(ModuleNotFoundError):
    """The submission imports what it should have written itself, or what holds the answers."""


class Finder(MetaPathFinder):
    """Finds NumPy and single given packages; refuses frameworks and keeps a list of attempts."""

    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = {Path(p).name: p for p in packages}
        self.attempts: list[str] = []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """The spec of a package that we know, or None: then Python's own finders look."""
        top = fullname.partition(".")[0]
        if top in REFUSED or (top == "layercheck" and not fullname.startswith(OURS)):
            if top not in self.attempts:
                self.attempts.append(top)
            raise NotAllowed(f"imports {top}, which is not allowed here", name=fullname)
        folder = self.packages.get(fullname)
        if folder is None:
            return None
        return importlib.util.spec_from_file_location(
            fullname, f"{folder}/__init__.py", submodule_search_locations=[folder]
        )


def install(packages: Sequence[str]) -> Finder:
    """Find these packages, and nothing else beyond Python's own library."""
    finder = Finder(packages)
    sys.meta_path.insert(0, finder)
    return finder
