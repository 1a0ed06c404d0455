"""Whether a bare name is a package that is installed, and no folder that lies here by chance."""

from __future__ import annotations

import os
import sys


def is_installed(name: str) -> bool:
    """Whether Python finds a module elsewhere than in the working directory, or by a path to that
    in full: one that PYTHONPATH leaves open (`.`, nothing at all) is searched by chance, whatever
    directory one is in. What is imported already is the tool's own."""
    from importlib.machinery import PathFinder

    if name in sys.modules:
        return True
    told = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    by_chance = {os.path.realpath(item) for item in told if not os.path.isabs(item)}
    by_chance -= {os.path.realpath(item) for item in told if os.path.isabs(item)}
    paths = [p for p in sys.path if os.path.isabs(p) and os.path.realpath(p) not in by_chance]
    return PathFinder.find_spec(name, paths) is not None
