"""The child's main program: loads one submission, then answers calls until the pipe closes.

Started as `python -u -s -S -B -X utf8 runtime.py CONFIG`, requests on stdin and replies on stdout;
both are moved out of the way of `print` at once. It knows no expected value and gives no verdict.
(Not `-I`: that would ignore PYTHONHASHSEED; the environment is the parent's own anyway.)
"""

from __future__ import annotations

import json
import os
import sys
import types
from pathlib import Path
from typing import Any


def main() -> None:
    """Tighten what can be tightened, then serve."""
    requests, replies = private_pipes()
    config = json.loads(sys.argv[1])
    bare_package(Path(__file__).absolute().parent)
    from layercheck.child import imports, keeper, limits

    limits.ignore_interrupts()
    held = []
    if config["keeper"] and keeper.keep(requests, replies):
        held.append("subreaper")
    if config["user"] is not None:
        limits.drop_user(config["user"])
        held.append("a user of its own")
    finder = imports.install(config["packages"])
    from layercheck.child import serving  # imports NumPy

    held += restrict(config)
    serving.Server(config, finder).serve(requests, replies, {"held": held})


def restrict(config: dict[str, Any]) -> list[str]:
    """Landlock where it is asked for, then the resource limits."""
    from layercheck.child import limits

    locked = limits.restrict_files(config["files"]) if config["files"] else []
    return locked + limits.set_rlimits(config["limits"])


def private_pipes() -> tuple[int, int]:
    """Requests and replies on descriptors of their own; stdin is empty, stdout goes to stderr."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, replies


def bare_package(here: Path) -> None:
    """`layercheck` as a name for child and profiles alone: its own `__init__` is not run."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", str(here))]
    package = types.ModuleType("layercheck")
    package.__path__ = [str(here.parent)]
    sys.modules["layercheck"] = package


if __name__ == "__main__":
    main()
