"""Many files, or a class's folder: what `layercheck check` does with them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layercheck.errors import UsageError
from layercheck.pipeline.crew import Jobs
from layercheck.pipeline.options import Options
from layercheck.pipeline.places import (
    check_kept,
    check_regular,
    check_writable,
    make_folder,
    set_aside,
)
from layercheck.reporting.words import many, on_one_line

from .options import Decorator

if TYPE_CHECKING:
    from layercheck.reporting.classroom.records import Required

CLASS_OPTIONS = ("require", "score", "anonymous", "similar")
ARCHIVE = ".zip"


def require_options(function: Any) -> Any:
    """`--require` and `--score`."""
    for option in (
        click.option(
            "--score",
            default="",
            metavar="FILE",
            help="A TOML file with a table [score] of points for each function that counts; "
            "partial = true gives one that fails the share of its cases that pass.",
        ),
        click.option(
            "--require",
            default="",
            metavar="FILE|PROFILE",
            help="Which functions count, whoever lacks them: those of a file or notebook, of a "
            "table [score] (TOML), or of an assignment (cs231n).",
        ),
    ):
        function = option(function)
    return function


def counted(command: str, require: str, score: str, options: Options) -> Required:
    """What counts, for a command that cannot do without; raises UsageError."""
    from layercheck.pipeline.classroom.required import required_by

    required = required_by(require, score, options)
    if required is None:
        raise UsageError(f"{command} needs --require FILE|PROFILE: which functions count")
    return required


def tell_doubtful(required: Required) -> None:
    """Warn of names that count and may be written wrongly, where nothing is graded yet."""
    from layercheck.pipeline.classroom.required import doubtful

    for text in doubtful(required):
        click.echo(on_one_line(text), err=True)


def class_options(function: Any) -> Any:
    """What a class's folder may be asked with."""
    flags: dict[str, str] = {
        "--anonymous": "Name each student of a folder by a pseudonym, which is kept beside the "
        "submissions.",
        "--similar": "List the students of a folder whose wrong answers agree bit for bit: a hint.",
    }
    decorators: list[Decorator] = [click.option(n, is_flag=True, help=h) for n, h in flags.items()]
    for decorator in reversed(decorators):
        function = decorator(function)
    return require_options(function)


def is_export(subject: str) -> bool:
    """Whether a subject is an archive of submissions."""
    return subject.lower().endswith(ARCHIVE) and Path(subject).is_file()


def check_no_class(chosen: dict[str, Any], subject: str) -> None:
    """Raise UsageError for an option that means something for a class's folder only."""
    for name in CLASS_OPTIONS:
        if chosen[name]:
            raise UsageError(
                f"--{name} is for a folder of submissions; {subject!r} is none; of a single "
                "submission, `layercheck grade` tells the points"
            )


def check_class_folder(
    folder: Path,
    out: Path,
    options: Options,
    jobs: Jobs | None,
    quiet: bool,
    chosen: dict[str, Any],
) -> int:
    """Check and grade a class; the exit status."""
    from layercheck.pipeline.classroom.required import required_by
    from layercheck.pipeline.classroom.run import Grading, check_class, stage, written_by
    from layercheck.reporting.classroom.grading import nobodys

    required = required_by(chosen["require"], chosen["score"], options)
    grading = Grading(required, chosen["anonymous"], chosen["similar"])
    try:
        staged = stage(folder, out, grading)
        check_places(written_by(staged, out), staged.files, out)
        processes = jobs or cores(len(staged.files))
        summed, whole = check_class(staged, grading, options, processes, out, sayer(quiet))
    except OSError as error:
        raise UsageError(f"cannot write into {out}: {error.strerror or error}") from None
    if summed.count:
        tell_summed(summed, out)
    if whole is None:
        return 1
    right = sum(grade.is_right for grade in whole.grades)
    count = many(len(whole.grades), "submission")
    told = f"every function that counts passes in {right} of {count}"
    click.echo(on_one_line(f"{told}; class: {out / 'class.html'}, {out / 'grades.csv'}"))
    for name, near in nobodys(whole):
        hint = f"; did you mean {near}?" if near else ""
        click.echo(on_one_line(f"{name} counts, and is in none of {count}{hint}"), err=True)
    for name, reason in () if quiet else whole.left_out:
        click.echo(on_one_line(f"left out: {name or 'an entry'}: {reason}"), err=True)
    return 0 if right == len(whole.grades) and all(row.passed for row in summed.rows) else 1


def check_several(
    paths: Sequence[Path], out: Path, options: Options, jobs: Jobs | None, quiet: bool
) -> int:
    """Check many files; the exit status."""
    from layercheck.pipeline.many import check_many, files_of

    for path in paths:
        if not path.exists():
            raise UsageError(f"no file {path}; expected a Python file or a notebook")
    check_places(files_of(paths, out), paths, out)
    try:
        summed = check_many(paths, options, jobs or cores(len(paths)), out, sayer(quiet))
    except OSError as error:
        raise UsageError(f"cannot write into {out}: {error.strerror or error}") from None
    return 0 if tell_summed(summed, out) == summed.count else 1


def check_places(reports: Sequence[Path], subjects: Sequence[Path], out: Path) -> None:
    """Raise UsageError where a report cannot be written, or would take the place of anything; what
    is left of a damaged one is kept beside it."""
    check_regular(reports)
    for file in set_aside(out, reports):
        told = f"{file} is damaged, and made anew; what there was is in {file.name}.damaged"
        click.echo(on_one_line(told), err=True)
    check_kept(reports, subjects)
    make_folder(out)
    for file in reports:
        check_writable(file)


def tell_summed(summed: Any, out: Path) -> int:
    """Say how many pass, and how many do; raises what interrupted the run."""
    passed: int = sum(row.passed for row in summed.rows)
    summary = f"{out / 'summary.csv'}, {out / 'summary.html'}"
    click.echo(on_one_line(f"{passed} of {len(summed.rows)} pass; summary: {summary}"))
    if summed.interruption is not None:
        left = summed.count - len(summed.rows)
        click.echo(f"partial: interrupted, {left} of {summed.count} files left; run it again")
        raise summed.interruption
    return passed


def sayer(quiet: bool) -> Any:
    """What tells each file as it is done."""

    def say(text: str) -> None:
        if not quiet:
            click.echo(on_one_line(text), err=True)

    return say


def cores(most: int) -> int:
    """A process for each core that this one may use, and at most so many."""
    usable = getattr(os, "sched_getaffinity", None)
    count = len(usable(0)) if usable else os.cpu_count() or 1
    return max(1, min(count, most))
