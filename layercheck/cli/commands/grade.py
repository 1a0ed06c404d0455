"""`layercheck grade`: the points of one submission, as platforms read them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from layercheck.errors import UsageError
from layercheck.pipeline.options import Options
from layercheck.reporting.files import STDOUT, write_text
from layercheck.reporting.words import on_one_line

from ..options import allow_option, declared_option, hints_option, profile_option, strict_option
from ..output import plain_stream, tell_written
from ..several import cores, counted, require_options


@click.command()
@click.argument("subject", metavar="SUBMISSION")
@require_options
@profile_option
@declared_option
@strict_option
@allow_option
@hints_option
@click.option(
    "--results",
    multiple=True,
    metavar="PLATFORM=FILE",
    help="Write the grade for a platform: gradescope or prairielearn (repeatable); - is standard "
    "output.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep the reports, and copies of what was handed in, in this folder.",
)
def command(
    subject: str, require: str, score: str, results: tuple[str, ...], out: Path | None, **more: Any
) -> int:
    """Grade one SUBMISSION: a file, a notebook, an archive, or a folder with all that is in it.

    Exit status 0 if every function that counts passes, else 1.
    """
    from layercheck.pipeline.classroom.run import grade_one

    options, path = Options(**more), Path(subject)
    read = [Path(name) for name in (subject, require, score) if name]
    places = named_in(results, read)
    required = counted("grade", require, score, options)
    if not path.exists():
        raise UsageError(f"no {subject}; expected a file, an archive or a folder")
    with tempfile.TemporaryDirectory(prefix="layercheck-") as folder:
        try:
            grade = grade_one(
                path, required, options, cores(len(required.points)), out or Path(folder)
            )
        except OSError as error:
            raise UsageError(f"cannot write {error.filename}: {error.strerror or error}") from None
    write_results(grade, places)
    free = str(STDOUT) in map(str, places.values())
    for line in told(grade):
        click.echo(on_one_line(line), err=free)
    tell_written(places)
    return 0 if grade.is_right else 1


def told(grade: Any) -> list[str]:
    """A line each function, and the sum."""
    from layercheck.reporting.classroom.table import plain

    lines = [*grade.notes]
    for mark in grade.marks:
        points = f"{plain(mark.points)} of {plain(mark.most)}"
        lines.append(f"  {mark.function}: {mark.verdict}, {points}")
        lines += [f"      {reason}" for reason in mark.reasons]
    return [*lines, f"{plain(grade.points)} of {plain(grade.most)} points"]


def named_in(results: tuple[str, ...], subjects: Sequence[Path]) -> dict[str, Path]:
    """`gradescope=results.json` by the platform; raises UsageError for one that there is not, or a
    place that takes nothing or holds anything else: subjects, what is read."""
    from layercheck.pipeline.places import check_places
    from layercheck.reporting.classroom.platforms import platforms

    found: dict[str, Path] = {}
    for text in results:
        name, _, file = text.partition("=")
        if name not in platforms() or not file:
            raise UsageError(
                f"got --results {text}; expected PLATFORM=FILE with one of: "
                f"{', '.join(platforms())}"
            )
        found[name] = plain_stream(Path(file))
    check_places(found, subjects)
    return found


def write_results(grade: Any, places: dict[str, Path]) -> None:
    """Write the grade for each platform; raises UsageError."""
    from layercheck.reporting.classroom.platforms import platforms

    for name, path in places.items():
        try:
            write_text(path, platforms()[name].render(grade))
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from None
