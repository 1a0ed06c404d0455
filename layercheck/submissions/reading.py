"""Somebody else's file, read: measured before it is opened, parsed in the sandbox."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layercheck._toml import tomllib
from layercheck.errors import UsageError
from layercheck.processes.death import ChildDied

from .profiles.target import Takes, Target
from .sandbox.limits import MOST_NOTEBOOK, MOST_SOURCE
from .sandbox.sandbox import Sandbox

MOST_HELPERS = 20
"""How many modules beside the file are read."""


@dataclass
class Submission:
    """A file that was read and recognised, before any of its code ran.

    targets: what is asked, in the order of the file · not_checked: its other functions and classes,
    with the reason · profiles: how its functions are called · helpers: the modules beside it that
    it wants · problem: why nothing of it can be checked (it does not parse, ...), empty if
    something can.
    """

    path: Path
    targets: list[Target] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    profiles: list[str] = field(default_factory=list)
    helpers: dict[str, bytes] = field(default_factory=dict)
    problem: str = ""

    @property
    def name(self) -> str:
        """What the report calls it: the path as it was given."""
        return str(self.path)


def read(path: Path, sandbox: Sandbox, profile: str = "") -> Submission:
    """Read a file in the sandbox, which then is ready to load it.

    Raises UsageError where there is nothing to check.
    """
    data, table = read_bytes(path), declared_table(path)
    try:
        reply = sandbox.read(path.name, data, profile, table)
        if "refused" in reply:
            raise UsageError(f"cannot read {path}: {reply['refused']}")
        found = reply["read"]
        helpers = read_helpers(path.parent, found["imports"], sandbox, path.stem)
    except ChildDied as died:
        return Submission(path, problem=f"it cannot be read within the limits: {died}")
    targets = [target_of(told) for told in found["targets"]]
    submission = Submission(path, targets, found["not_checked"], found["profiles"], helpers)
    submission.problem = found["problem"]
    if not targets and not submission.problem:
        names = ", ".join(list(submission.not_checked)[:8]) or "no function or class"
        expected = "\n".join(f"  {line}" for line in found["expected"])
        raise UsageError(f"{path.name}: defines {names}; expected any of:\n{expected}")
    return submission


def target_of(told: Mapping[str, Any]) -> Target:
    """A target as the child told it."""
    takes = {name: settled(value) for name, value in told["takes"].items()}
    return Target(
        told["op"],
        told["forward"],
        told["backward"],
        Takes(**takes),
        tuple(told["beyond"]),
        tuple(told["unknown"]),
        told["part"],
    )


def settled(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    if isinstance(value, list):
        return tuple(settled(part) for part in value)
    if isinstance(value, dict):
        return {name: settled(part) for name, part in value.items()}
    return value


# ---------------------------------------------------------------------- files


def read_bytes(path: Path) -> bytes:
    """The file's bytes; raises UsageError for what is too large or no regular file."""
    most = MOST_NOTEBOOK if path.suffix == ".ipynb" else MOST_SOURCE
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError(f"{path} is no regular file; expected a Python file or a notebook")
        if facts.st_size > most:
            size = f"{facts.st_size / (1 << 20):.1f} MB"
            raise UsageError(f"{path} has {size}; at most {most >> 20} MB are read")
        return path.read_bytes()
    except OSError as error:
        expected = "expected a Python file or a notebook"
        raise UsageError(f"cannot read {path}: {error.strerror}; {expected}") from None


def read_helpers(folder: Path, wanted: list[str], sandbox: Sandbox, own: str) -> dict[str, bytes]:
    """The modules beside the file that it imports, and those that they import in turn."""
    helpers: dict[str, bytes] = {}
    due = [name for name in wanted if name != own]
    while due and len(helpers) < MOST_HELPERS:
        new = {name: data for name in due if (data := helper(folder, name)) is not None}
        helpers.update(new)
        due = [n for n in sandbox.wanted(new) if n not in helpers and n != own] if new else []
    return helpers


def helper(folder: Path, name: str) -> bytes | None:
    """The source of a module beside the file; None where there is none that may be read."""
    path = folder / f"{name}.py"
    try:
        usable = path.is_file() and path.resolve().parent == folder.resolve()
        return read_bytes(path) if usable else None
    except (OSError, UsageError):
        return None


def declared_table(path: Path) -> dict[str, Any]:
    """The `[tool.layercheck]` table of a pyproject.toml beside the file; empty if there is none."""
    file = path.parent / "pyproject.toml"
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {file}: {error}") from None
    return dict(data.get("tool", {}).get("layercheck", {}))
