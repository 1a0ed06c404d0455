"""Where a report goes: files of any format, and the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from layercheck.errors import UsageError
from layercheck.pipeline.places import check_places
from layercheck.reporting.files import STDOUT, write_text
from layercheck.reporting.formats import formats
from layercheck.reporting.report import Report
from layercheck.reporting.words import headline, on_one_line
from layercheck.stages import stage

from .streams import console

Files = Mapping[str, Path]


def destinations(
    json_file: Path | None,
    html_file: Path | None,
    out: Path | None = None,
    subjects: Sequence[Path] = (),
    more: Sequence[str] = (),
) -> dict[str, Path]:
    """Where the report goes, by format; raises UsageError where that cannot be written, or holds
    one of the subjects or anything else that is no report. more: as --report has them."""
    files = {}
    if out is not None:
        files = {"json": out / "report.json", "html": out / "report.html"}
    named = {"json": json_file, "html": html_file}
    given = {name: path for name, path in named.items() if path is not None}
    reports = named_in(more)
    for name in sorted(given.keys() & reports.keys()):
        raise UsageError(f"got --{name} and --report {name}; expected one file for each format")
    files.update({n: plain_stream(path) for n, path in {**reports, **given}.items()})
    check_places(files, subjects, out)
    return files


def named_in(reports: Sequence[str]) -> dict[str, Path]:
    """`junit=out.xml` by the format; raises UsageError for a format that there is not."""
    found: dict[str, Path] = {}
    for text in reports:
        name, _, file = text.partition("=")
        form = formats().get(name)
        if form is None:
            raise UsageError(
                f"got --report {text}; expected FORMAT=FILE with one of: {', '.join(formats())}"
            )
        if not file and not hasattr(form, "TO_STDOUT"):
            raise UsageError(
                f"got --report {text}; expected a file: --report {name}=report{form.SUFFIX}, or - "
                "for standard output"
            )
        if name in found:
            raise UsageError(f"got --report {name} twice; expected one file for each format")
        found[name] = Path(file or STDOUT)
    return found


def plain_stream(path: Path) -> Path:
    """`-` for standard output by another name."""
    return Path(STDOUT) if str(path) in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1") else path


Renderers = Mapping[str, Callable[[Any], str]]
Lost = dict[str, str]
"""Formats whose files cannot be written, and what is told of each."""


@contextmanager
def written(report: Any, files: Files, renderers: Renderers) -> Iterator[Files]:
    """Write a report's files, each as its format renders it. With those that are there now, what it
    came to is told first; then UsageError is raised for those that could not be written."""
    lost = lost_of(report, files, renderers)
    yield {name: path for name, path in files.items() if name not in lost}
    if lost:
        raise UsageError("; ".join(lost.values()))


def lost_of(report: Any, files: Files, renderers: Renderers) -> Lost:
    """Write the files; those that cannot be written."""
    lost: Lost = {}
    for name, path in files.items():
        with told_as_lost(lost, name, path):
            write_text(path, renderers[name](report))
    return lost


@contextmanager
def told_as_lost(lost: Lost, name: str, path: Path) -> Iterator[None]:
    """The others are written all the same."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        lost[name] = f"cannot write {path}: {error.strerror}"


@contextmanager
def streamed(files: Files) -> Iterator[list[Any]]:
    """The formats that are written while a run goes on; raises UsageError where that fails."""
    with ExitStack() as stack:
        streams = []
        for name, path in files.items():
            stream = getattr(formats()[name], "Stream", None)
            try:
                streams += [stack.enter_context(stream(path))] if stream is not None else []
            except OSError as error:
                raise UsageError(f"cannot write {path}: {error.strerror}") from None
        yield streams


@contextmanager
def written_all(report: Report, files: Files, streams: Sequence[Any]) -> Iterator[Files]:
    """The same of a run's files, those first that were begun."""
    whole = {n: path for n, path in files.items() if not hasattr(formats()[n], "Stream")}
    lost = finished(report, files, streams)
    lost |= lost_of(report, whole, {name: formats()[name].render for name in whole})
    yield {name: path for name, path in files.items() if name not in lost}
    if lost:
        raise UsageError("; ".join(lost.values()))


@stage("writing and telling")
def finished(report: Report, files: Files, streams: Sequence[Any]) -> Lost:
    """End the files that were begun; those that cannot be written."""
    lost: Lost = {}
    begun = [name for name in files if hasattr(formats()[name], "Stream")]
    for name, stream in zip(begun, streams, strict=True):
        with told_as_lost(lost, name, files[name]):
            stream.finish(report)
    for name, path in files.items():
        with told_as_lost(lost, name, path):
            getattr(formats()[name], "also", lambda report: None)(report)
    return lost


def free_stream(files: Files) -> TextIO:
    """Where people read: standard error where a report took standard output."""
    return sys.stderr if STDOUT in map(str, files.values()) else sys.stdout


@stage("writing and telling")
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
