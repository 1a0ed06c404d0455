"""The child's main program: reads one submission, runs it, then answers until the pipe closes.

Started as `python -u -s -S -B -X utf8 runtime.py CONFIG NUMBER`; the number is that of its end of
the connection. It knows no expected value and gives no verdict.
(Not `-I`: that would ignore PYTHONHASHSEED; the environment is the parent's own anyway.)
"""

from __future__ import annotations

import base64
import builtins
import json
import sys
import types
from pathlib import Path
from typing import Any

PACKAGES = ("layercheck", "layercheck.processes", "layercheck.submissions")


def main() -> None:
    """Tighten what can be tightened, then serve."""
    config, number = json.loads(sys.argv[1]), int(sys.argv[2])
    bare_packages(Path(__file__).absolute().parents[2])
    for name in ("exit", "quit"):  # every Python has them; -S leaves them out
        setattr(builtins, name, sys.exit)
    from layercheck.submissions.child import imports, keeper, limits

    limits.ignore_interrupts()
    held = []
    if config["keeper"] and keeper.keep(number):
        held.append("subreaper")
    if config["user"] is not None:
        limits.drop_user(config["user"])
        held.append("a user of its own")
    finder = imports.install(config["packages"])
    from layercheck.processes import wire  # imports NumPy
    from layercheck.submissions.child import serving

    held += restrict(config)
    serving.Server(config, finder).serve(wire.opened(number), {"held": held})


def restrict(config: dict[str, Any]) -> list[str]:
    """The resource limits, which need a look at /proc; root's rights; then Landlock where it is
    asked for, then the filter of system calls."""
    from layercheck.submissions.child import limits

    lock = limits.file_rules(config["files"]) if config["files"] else None
    held = limits.set_rlimits(config["limits"]) + limits.give_up_rights()
    held += limits.refuse_huge_pages()
    held += limits.restrict_files(lock) if lock is not None else []
    if config["calls"]:
        limits.refuse_calls(base64.b64decode(config["calls"]))
    return [*held, *(["system calls filtered"] if limits.has_filter() else [])]


def bare_packages(root: Path) -> None:
    """Our packages as names for what the child needs of them: their own `__init__` is not run."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", str(Path(__file__).parent))]
    for name in PACKAGES:
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], last, package)


if __name__ == "__main__":
    main()
