"""Where a report goes: files of any format, and the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from layercheck.errors import UsageError
from layercheck.reporting.files import STDOUT
from layercheck.reporting.report import Report

LOG_WIDTH = 120
"""How wide a table is where there is no terminal."""

Files = Mapping[str, Path]


def destinations(
    json_file: Path | None, html_file: Path | None, out: Path | None = None
) -> dict[str, Path]:
    """Where the report goes, by format; raises UsageError where that cannot be written."""
    files = {}
    if out is not None:
        files = {"json": out / "report.json", "html": out / "report.html"}
    files.update({k: f for k, f in (("json", json_file), ("html", html_file)) if f is not None})
    for path in files.values():
        check_writable(path)
    return files


def check_writable(path: Path) -> None:
    """Raise UsageError for a path that no report can be written to."""
    if str(path) == STDOUT:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder of {path}: {error.strerror}") from None
    special = path.exists() and not path.is_file()
    if path.is_dir() or not os.access(path if special else path.parent, os.W_OK):
        raise UsageError(f"cannot write {path}; choose another file")


def write(report: Report, files: Files) -> None:
    """Write the report's files."""
    from layercheck.reporting.formats import formats

    for name, path in files.items():
        formats()[name].write(report, path)


def tell(report: Report, files: Files, quiet: bool) -> None:
    """Print the report and where its files are; on standard error where a report took the other."""
    from rich.console import Console

    from layercheck.reporting.terminal import print_report
    from layercheck.reporting.words import headline

    taken = STDOUT in map(str, files.values())
    stream = sys.stderr if taken else sys.stdout
    width = None if stream.isatty() else int(os.environ.get("COLUMNS", LOG_WIDTH))
    console = Console(file=stream, soft_wrap=True, width=width)
    if quiet:
        console.print(headline(report))
    else:
        print_report(report, console)
    for path in files.values():
        if str(path) != STDOUT:
            console.print(f"wrote {path}", highlight=False)


def say(text: str = "") -> None:
    """A line on standard output."""
    click.echo(text)


def plain_console(**options: Any) -> Any:
    """A console that changes nothing of what is printed."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False, markup=False, **options)
