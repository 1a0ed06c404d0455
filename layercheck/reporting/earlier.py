"""Earlier reports: what may be written over, and what must not outlive its subject."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from .files import STDOUT, is_special
from .held import folder_of, settled
from .regular import AT_ONCE

HEAD = 65536
"""In how many bytes a report says what it is."""

REPORTS = {
    re.compile(r'\{\s*"subject":\s*".*",\s*"version":\s*\d+,'): "json",
    re.compile(r'\{\s*"net":\s*".*",\s*"passed":\s*(true|false),\s*"conclusion":'): "json",
    re.compile(
        r"\s*<!doctype html>.* – layercheck report</title>", re.DOTALL | re.IGNORECASE
    ): "html",
    re.compile(r'\{\s*"score":\s*[\d.]+,\s*"output":\s*"'): "gradescope",
    re.compile(r'\{\s*"gradable":\s*true,\s*"score":'): "prairielearn",
    re.compile(r"subject,profile,passed,"): "summary",
    re.compile(r"student,id,late,score,"): "class",
    re.compile(r"case,op,array,subject,"): "csv",
    re.compile(r"## layercheck: "): "markdown",
    re.compile(r"<\?xml [^>]*\?>\s*<testsuites name=\"layercheck\""): "junit",
    re.compile(r'\{"layercheck":"comparisons",'): "jsonl",
    re.compile(r"(::error [^\n]*\n)*::notice title=layercheck "): "github",
}
"""How a report begins, and its format: of a check, of a training, a page, the tables of a summary
and of a class, platforms' results, other formats."""


def is_report(path: Path) -> bool:
    """Whether a file is a report of ours, of any form; raises OSError."""
    return bool(form_of(path))


def form_of(path: Path) -> str:
    """The format of a report of ours; empty for what is none; raises OSError."""
    with path.open("rb") as file:
        return form_of_head(file.read(HEAD))


def form_of_head(head: bytes) -> str:
    """The same of its first bytes."""
    text = head[:HEAD].decode("utf-8", "replace")
    return next((form for begins, form in REPORTS.items() if begins.match(text)), "")


STARTS = (
    '{\n"subject":"',
    "<!doctype html>",
    "subject,profile,passed,",
    "case,op,array,subject,",
    "student,id,late,score,",
)
"""How reports begin, letter by letter."""


def is_begun(path: Path) -> bool:
    """Whether a file is the beginning of a report, cut off where it says what it is; raises
    OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD).decode("utf-8", "replace")
    return any(start.startswith(head) for start in STARTS)


def is_replaceable(path: Path) -> bool:
    """Whether nothing but an earlier report is lost where a report is written to a path."""
    try:
        return not path.stat().st_size or is_report(path) or is_begun(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def is_same_place(one: Path, other: Path) -> bool:
    """Whether two paths mean one file, by whatever names; neither has to be there."""
    return not marks_of(one).isdisjoint(marks_of(other))


def marks_of(path: Path) -> set[object]:
    """What tells a file from all others: its name in full, and where it is there, its number."""
    marks: set[object] = {os.path.normcase(os.path.realpath(path))}
    with suppress(OSError):
        facts = path.stat()
        marks |= {(facts.st_dev, facts.st_ino)} if facts.st_ino else set()
    return marks


def remove_reports(paths: Iterable[Path]) -> str:
    """Remove the earlier reports at these places; what is told of it, empty if there were none."""
    removed = []
    for path in paths:
        with suppress(OSError):
            if str(path) != STDOUT and not is_special(path) and removed_report(settled(path)):
                removed.append(shown(path))
    return f"; removed the report of an earlier run: {', '.join(removed)}" if removed else ""


def shown(path: Path) -> str:
    """A path as it is told: from here, where it lies below."""
    here = settled(os.curdir)
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def removed_report(path: Path) -> bool:
    """Remove a report whose path no link is part of; whether it was one. Raises OSError."""
    with folder_of(path) as folder:
        with os.fdopen(folder.open(path.name, AT_ONCE), "rb") as file:
            ours = bool(form_of_head(file.read(HEAD)))
        if ours:
            folder.unlink(path.name)
    return ours
