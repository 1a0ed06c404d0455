"""A student's forward in one file and its backward in another: both in one file, checked anew.

Texts are put one after the other, and nothing of them is run or parsed here: only where no name is
defined in two of them, so that each means what it meant alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from layercheck.errors import UsageError
from layercheck.reporting.classroom.grading import checks_of
from layercheck.reporting.classroom.records import Checked
from layercheck.submissions.sources import read_bytes

from ..many import Summed
from .checked import Staged, checked_files

LACKS = re.compile(r"\bits forward (\w+) is not in this file")
DEFINED = re.compile(
    r"^(?:async def|def|class) +(\w+).*(?:\n(?:[ \t)].*)?)*|^(\w+)(?: *:[^=\n]+)? *=(?!=).*$",
    re.MULTILINE,
)
"""A definition with the lines that belong to it, or an assignment."""

FUTURE = re.compile(r"^from __future__ import .*$", re.MULTILINE)
SOURCE = ".py"


def apart(files: Mapping[Path, Checked]) -> Iterator[tuple[Path, ...]]:
    """Of one student's files those with a backward, each after those with its forwards."""
    for path, own in files.items():
        lacking = set(lacked(own))
        holders = [
            other
            for other, checked in files.items()
            if other != path and lacking & checks_of(checked).keys()
        ]
        if holders and all(one.suffix == SOURCE for one in (*holders, path)):
            yield (*holders, path)


def lacked(checked: Checked) -> Iterator[str]:
    """The forwards that a file lacks, of backwards that it has."""
    checks = checks_of(checked).values()
    for reason in (*(check["note"] for check in checks), *checked.unasked.values()):
        yield from LACKS.findall(reason)


def together(paths: Sequence[Path]) -> bytes | None:
    """The texts of these files as one; None where they cannot be one."""
    try:
        texts = [read_bytes(path).decode("utf-8-sig") for path in paths]
    except (UsageError, ValueError):
        return None
    if clash(texts):
        return None
    names = "|".join(re.escape(path.stem) for path in paths)
    beside = re.compile(
        rf"^from \.?(?:{names}) import (?!.*\bas\b)(?:\([^)]*\)|[^\n(]*)$", re.MULTILINE
    )
    future = dict.fromkeys(line for text in texts for line in FUTURE.findall(text))
    bodies = [beside.sub("", FUTURE.sub("", text)) for text in texts]
    return "\n\n".join([*future, *bodies]).encode()


def clash(texts: Sequence[str]) -> bool:
    """Whether a name is defined in two texts, and not by the same lines."""
    seen: dict[str, str] = {}
    for text in texts:
        found = {m[1] or m[2]: m[0].rstrip() for m in DEFINED.finditer(text)}
        if any(seen.get(name, lines) != lines for name, lines in found.items()):
            return True
        seen |= found
    return False


def with_joined(staged: Staged, summed: Summed, out: Path, check: Callable[[], Summed]) -> Summed:
    """What all files come to, once a forward and a backward in two files of one student are put
    together. check: asks all files that have no report yet."""
    if summed.interruption is not None or staged.staging is None:
        return summed
    new = False
    checked = checked_files(staged, summed.rows, out)
    for student, files in zip(staged.students, checked, strict=True):
        for paths in list(apart(files)):
            data = together(paths)
            new |= data is not None and staged.staging.put(student, paths, data)
    return check() if new else summed
