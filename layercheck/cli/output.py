"""Where a report goes: files of any format, and the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from layercheck.errors import UsageError
from layercheck.reporting.files import STDOUT, write_text
from layercheck.reporting.report import Report
from layercheck.reporting.words import headline, on_one_line

from .places import check_places
from .streams import console

Files = Mapping[str, Path]


def destinations(
    json_file: Path | None,
    html_file: Path | None,
    out: Path | None = None,
    subjects: Sequence[Path] = (),
) -> dict[str, Path]:
    """Where the report goes, by format; raises UsageError where that cannot be written, or holds
    one of the subjects or anything else that is no report."""
    files = {}
    if out is not None:
        files = {"json": out / "report.json", "html": out / "report.html"}
    named = {"json": json_file, "html": html_file}
    files.update({k: plain_stream(path) for k, path in named.items() if path is not None})
    check_places(files, subjects)
    return files


def plain_stream(path: Path) -> Path:
    """`-` for standard output by another name."""
    return Path(STDOUT) if str(path) in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1") else path


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

    if quiet:
        click.echo(on_one_line(headline(report)), file=free_stream(files))
    else:
        print_report(report, console(free_stream(files)))
    tell_written(files)


def tell_written(files: Files) -> None:
    """Say which files there are now."""
    for path in files.values():
        if str(path) != STDOUT:
            click.echo(f"wrote {on_one_line(str(path))}", file=free_stream(files))
