"""A report as JSON lines, written while the run goes on: a line a comparison, then the rest.

The first line says what it is, each following one is a comparison as its record has it, the last
ones are `{"check": ...}`, `{"defect": ...}`, `{"change": ...}` and `{"summary": ...}`. What is
large stays on disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from ..files import Growing, write_text
from ..plain import plain
from ..records import Comparison
from ..report import VERSION, Report

SUFFIX = ".jsonl"
HEAD = {"layercheck": "comparisons", "version": VERSION}


def render(report: Report) -> str:
    """The report of a run that is over: of its comparisons those that it kept in full."""
    kept = [*report.failures, *report.closest]
    lines = [line(HEAD), *map(of_comparison, kept), *rest(report)]
    return "\n".join(lines) + "\n"


def write(report: Report, path: str | os.PathLike[str]) -> None:
    """Write it; raises OSError, and then leaves what was at `path` before as it was."""
    write_text(path, render(report))


class Stream:
    """The lines of a run that goes on; in their place once it is over, and not before."""

    def __init__(self, path: Path) -> None:
        self.file = Growing(path)
        self.file.add(line(HEAD) + "\n")

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.file.drop()

    def take(self, comparisons: Sequence[Comparison]) -> None:
        """Add some comparisons."""
        self.file.add("".join(f"{of_comparison(one)}\n" for one in comparisons))

    def finish(self, report: Report) -> None:
        """Add the rest, and put the file in its place."""
        self.file.add("".join(f"{text}\n" for text in rest(report)))
        self.file.finish()


def rest(report: Report) -> Iterator[str]:
    """What is known at the end."""
    yield from named("check", report.checks)
    yield from named("not_checked", report.not_checked)
    yield from named("defect", report.defects)
    yield from named("change", report.changes)
    for name in ("environment", "manifest", "summary"):
        yield line({name: plain(getattr(report, name)), "subject": report.subject})


def named(name: str, records: Iterable[object]) -> Iterator[str]:
    """A line for each record."""
    return (line({name: plain(record)}) for record in records)


def of_comparison(comparison: Comparison) -> str:
    """One comparison."""
    return line(plain(comparison))


def line(value: object) -> str:
    """JSON without spaces; raises ValueError for nan and infinities."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
