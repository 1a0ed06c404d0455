"""Where a report goes: files of any format, and the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import click

from layercheck.errors import UsageError
from layercheck.reporting.files import STDOUT, is_special, write_text
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
    named = {"json": json_file, "html": html_file}
    files.update({k: plain_stream(path) for k, path in named.items() if path is not None})
    if list(map(str, files.values())).count(STDOUT) > 1:
        raise UsageError("standard output takes one report; name a file for the other")
    for path in files.values():
        check_writable(path)
    return files


def plain_stream(path: Path) -> Path:
    """`-` for standard output by another name."""
    return Path(STDOUT) if str(path) in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1") else path


def check_writable(path: Path) -> None:
    """Raise UsageError for a path that no report can be written to."""
    if str(path) == STDOUT:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder of {path}: {error.strerror}") from None
    special = is_special(path)
    if path.is_dir() or not os.access(path if special else path.parent, os.W_OK):
        raise UsageError(f"cannot write {path}; choose another file")


def write(report: Any, files: Files, renderers: Mapping[str, Callable[[Any], str]]) -> None:
    """Write a report's files, each as its format renders it; raises UsageError where that fails."""
    for name, path in files.items():
        try:
            write_text(path, renderers[name](report))
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from None


def free_stream(files: Files) -> TextIO:
    """Where people read: standard error where a report took standard output."""
    return sys.stderr if STDOUT in map(str, files.values()) else sys.stdout


def tell(report: Report, files: Files, quiet: bool) -> None:
    """Print the report and where its files are."""
    from layercheck.reporting.terminal import print_report
    from layercheck.reporting.words import headline

    stream = free_stream(files)
    width = None if stream.isatty() else int(os.environ.get("COLUMNS", LOG_WIDTH))
    console = plain_console(file=stream, width=width)
    if quiet:
        console.print(headline(report))
    else:
        print_report(report, console)
    tell_written(files)


def tell_written(files: Files) -> None:
    """Say which files there are now."""
    for path in files.values():
        if str(path) != STDOUT:
            click.echo(f"wrote {path}", file=free_stream(files))


def say(text: str = "") -> None:
    """A line on standard output."""
    click.echo(text)


def plain_console(**options: Any) -> Any:
    """A console that changes nothing of what is printed."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False, markup=False, **options)
