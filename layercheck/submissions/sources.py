"""The files that a submission is read from: measured before they are opened, and remembered."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layercheck._toml import tomllib
from layercheck.errors import UsageError
from layercheck.reporting.regular import Irregular, read_regular, read_settled, read_unlinked

from .sandbox.limits import MOST_NOTEBOOK, MOST_SOURCE

Read = Callable[[Path, int], bytes]
"""How a file is read: by its path, so many bytes at most."""

TABLE = "pyproject.toml"
EXPECTED = "expected a Python file or a notebook"
SETTINGS = "expected a TOML file with tables [tool.layercheck.OP]"
LONGEST_LINE, DEEPEST = 4096, 20
"""Of a table of settings: a key of thousands of parts takes minutes to read."""


class Sources:
    """A submission's file, and what lies beside it. Each is read once, whoever asks again: what is
    judged is what the fingerprint is of.

    read: a fingerprint of each file that was asked for, by its name; empty for one that is not
    there or cannot be read. The report keeps them: it holds as long as they do.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read: dict[str, str] = {}
        self._beside: dict[str, bytes | None] = {}

    def own(self) -> bytes:
        """The file itself; raises UsageError for what is too large or no regular file."""
        if self.path.is_symlink():
            there = f"a link to {os.path.realpath(self.path)}"
            raise UsageError(f"{self.path} is {there}; {EXPECTED}: check that file itself")
        data = read_bytes(self.path, read_unlinked)
        self.read[self.path.name] = fingerprint(data)
        return data

    def helper(self, name: str) -> bytes | None:
        """The source of a module beside the file, `base`, or of one in a package there, `pkg.base`;
        None where there is none that may be read."""
        files = files_of(name)
        for file in files:
            data = self._once(file)
            if data is not None or file == files[-1]:
                self.read[file] = "" if data is None else fingerprint(data)
            if data is not None:
                return data
        return None

    @property
    def has_table(self) -> bool:
        """Whether a pyproject.toml beside the file declares functions. It is the submitter's: it
        counts if the grader names it."""
        data = self._once(TABLE)
        self.read[TABLE] = "" if data is None else fingerprint(data)
        return data is not None and b"[tool.layercheck" in data

    def _once(self, file: str) -> bytes | None:
        if file not in self._beside:
            self._beside[file] = readable(self.path.parent, file)
        return self._beside[file]


def files_of(module: str) -> tuple[str, ...]:
    """Where a module's source may lie in a folder; nowhere if that is no module's name."""
    path = module.replace(".", "/")
    is_name = all(part.isidentifier() for part in module.split("."))
    return (f"{path}/__init__.py", f"{path}.py") if is_name else ()


@dataclass(frozen=True)
class Declared:
    """A grader's TOML file, read once for all files of a run. file: its path, empty: there is none
    · text: what stood in it."""

    file: str = ""
    text: str = ""


def declared_at(file: str) -> Declared:
    """What a grader's TOML file says; raises UsageError where that cannot be read."""
    path = Path(file)
    try:
        return Declared(file, read_bytes(path, expected=SETTINGS).decode("utf-8-sig"))
    except ValueError as error:
        raise UsageError(f"cannot read {path}: {error}") from None


def declared_in(declared: Declared) -> dict[str, Any]:
    """The `[tool.layercheck]` table of a grader's TOML file; raises UsageError where there is
    none."""
    path, text = Path(declared.file), declared.text
    try:
        if max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
            raise ValueError(f"a line of over {LONGEST_LINE} characters")
        found = tomllib.loads(text)
        check_plain(found.get("tool", {}))
    except RecursionError:
        raise UsageError(f"cannot read {path}: it is nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"cannot read {path}: {error}") from None
    table = found.get("tool", {})
    table = table.get("layercheck") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not table:
        raise UsageError(f"{path} has no table [tool.layercheck.OP]; expected one a function")
    return dict(table)


def check_plain(value: Any, depth: int = 0) -> None:
    """Raise ValueError for what a table of settings does not hold: dates, and what is nested more
    than DEEPEST times."""
    if depth > DEEPEST:
        raise ValueError(f"it is nested over {DEEPEST} times")
    if isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            check_plain(part, depth + 1)
    elif not isinstance(value, (str, int, float)):
        raise ValueError(f"got {value}; expected texts, numbers, true or false, lists and tables")


def name_of(path: Path) -> str:
    """What a report calls a file: its path, in a form that no option and no oracle has."""
    text = str(path)
    return f"./{text}" if text.startswith("-") or ":" in text.partition("/")[0] else text


def is_current(sources: Mapping[str, str], folder: Path) -> bool:
    """Whether these files still are what they were; raises OSError."""
    now = {name: readable(folder, name) for name in sources}
    return bool(sources) and all(
        sources[name] == ("" if data is None else fingerprint(data)) for name, data in now.items()
    )


def fingerprint(data: bytes) -> str:
    """Of a file's bytes."""
    return hashlib.sha256(data).hexdigest()[:32]


def readable(folder: Path, name: str) -> bytes | None:
    """A file of this very folder, or of a package in it, if it may be read: no link leads out."""
    path = folder / name
    try:
        there = path.resolve()
        usable = there.is_file() and there.parent == (folder.resolve() / name).parent
        return read_bytes(there, read_settled) if usable else None
    except (OSError, UsageError):
        return None


def read_bytes(path: Path, read: Read = read_regular, expected: str = EXPECTED) -> bytes:
    """A file's bytes; raises UsageError for what is too large or no regular file. read: by which
    links it may be reached."""
    most = MOST_NOTEBOOK if path.suffix.lower() == ".ipynb" else MOST_SOURCE
    try:
        return read(path, most)
    except Irregular as error:
        raise UsageError(f"{error}; {expected}") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}; {expected}") from None
