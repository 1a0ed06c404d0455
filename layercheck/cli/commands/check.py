"""`layercheck check`: a module, an oracle, or files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layercheck.cases.grids import GRIDS
from layercheck.errors import JudgingFailed, SubjectError, UsageError
from layercheck.pipeline.crew import Jobs
from layercheck.pipeline.options import Options
from layercheck.pipeline.spec import SOURCES, is_file
from layercheck.reporting.earlier import remove_reports
from layercheck.reporting.report import Report
from layercheck.stages import stage

from ..bounds import ADVICE, in_bounds
from ..installed import is_installed
from ..options import (
    allow_option,
    baseline_option,
    case_options,
    check_for_files,
    declared_option,
    file_option,
    hints_option,
    oracle_option,
    profile_option,
    report_option,
    strict_option,
    update_option,
)
from ..output import Files, destinations, free_stream, streamed, tell, written_all
from ..profiling import profiled
from ..several import (
    CLASS_OPTIONS,
    check_class_folder,
    check_no_class,
    check_several,
    class_options,
    cores,
    is_export,
)

if TYPE_CHECKING:
    from ..baseline import Baseline

INTERRUPTED = 130

WORTH_A_PROCESS = 500
"""How many cases pay for a further process, which takes a second to start."""

FOR_FILES = ("profile", "live", "fresh", "declared")
"""Options that mean nothing for a module or an oracle."""


@click.command()
@click.argument("subjects", metavar="SUBJECT...", nargs=-1, required=True)
@oracle_option
@case_options
@profile_option
@click.option("--live", is_flag=True, help="Ask the frameworks about a file, not their recordings.")
@click.option(
    "--fresh",
    type=click.IntRange(0, 2**32 - 1),
    metavar="SEED",
    help="Judge a file by cases of this seed, which nobody has seen: new values, shapes and "
    "attributes.",
)
@allow_option
@declared_option
@strict_option
@hints_option
@class_options
@click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    help="How many processes (default: one for each core where it pays).",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Judge several files, a folder or a module's cases on the Dask cluster of this scheduler, "
    "such as tcp://host:8786.",
)
@file_option("json", "JSON")
@file_option("html", "a page")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write report.json and report.html into this folder; of several files, one of each a file "
    "and a summary.",
)
@report_option
@baseline_option
@update_option
@click.option("--quiet", is_flag=True, help="Only the last line.")
@click.option(
    "--profile-run",
    is_flag=True,
    help="Say at the end, on standard error, where the time went (of one subject).",
)
def command(
    subjects: tuple[str, ...],
    json_file: Path | None,
    html_file: Path | None,
    out: Path | None,
    reports: tuple[str, ...],
    baseline: Path | None,
    update: bool,
    jobs: int | None,
    scheduler: str | None,
    quiet: bool,
    profile_run: bool,
    **chosen: Any,
) -> int:
    """Check SUBJECT: a file (layers.py, homework.ipynb), a folder of them, a module (ref_layers) or
    an oracle.

    An oracle is named oracle:torch. Several files make a report each and a summary; a folder, or a
    platform's export (.zip), is a class: grades, and a page of all.
    """
    of_class = {name: chosen.pop(name) for name in CLASS_OPTIONS}
    options, workers = options_of(chosen), workers_of(jobs, scheduler)
    check_alone(subjects, profile_run)
    named = {"--json": json_file, "--html": html_file, "--baseline": baseline}
    named |= {"--report": Path(reports[0])} if reports else {}
    if len(subjects) == 1 and (is_export(subjects[0]) or is_folder(subjects[0])):
        place, folder = out_alone(out, named), Path(subjects[0])
        return check_class_folder(folder, place, options, workers, quiet, of_class)
    check_no_class(of_class, subjects[0])
    paths = files_among(subjects)
    if len(paths) > 1 or (paths and Path(subjects[0]).is_dir()):
        return check_several(paths, out_alone(out, named), options, workers, quiet)
    check_single(subjects, bool(paths), options, {**chosen, "scheduler": scheduler})
    files = destinations(json_file, html_file, out, paths, reports)
    against = begun_baseline(baseline, update, paths, files)
    options = replace(options, brief=not files and against is None, every=True)
    report = profiled(profile_run, check_one)(subjects[0], files, options, workers, quiet, against)
    return INTERRUPTED if report.partial else 0 if report.passed else 1


def check_alone(subjects: Sequence[str], profile_run: bool) -> None:
    """Raise UsageError where several would be judged, in processes whose time nobody sees."""
    several = len(subjects) > 1 or is_export(subjects[0]) or is_folder(subjects[0])
    if profile_run and several:
        raise UsageError("got --profile-run with several files; expected one subject")


def check_single(
    subjects: Sequence[str], is_file: bool, options: Options, chosen: Mapping[str, Any]
) -> None:
    """Raise UsageError where one subject is not what the options are for."""
    if len(subjects) > 1:
        raise UsageError(f"got {len(subjects)} modules or oracles; expected one, or files")
    if is_file and chosen["scheduler"]:
        raise UsageError(
            f"--scheduler is for several files, a folder or a module; {subjects[0]} is one file"
        )
    for name in () if is_file else FOR_FILES:
        check_for_files(name, chosen[name], subjects[0])
    if is_file and options.grid == "architectures":
        others = ", ".join(name for name in GRIDS if name != options.grid)
        raise UsageError(f"--grid architectures is for modules; expected one of: {others}")


def workers_of(jobs: int | None, scheduler: str | None) -> Jobs | None:
    """Who does the work; None for the usual number of processes. Raises UsageError for both."""
    if jobs and scheduler:
        raise UsageError(f"got --jobs {jobs} and --scheduler; expected one of them")
    return scheduler or jobs


def begun_baseline(
    path: Path | None, update: bool, subjects: Sequence[Path], files: Files
) -> Baseline | None:
    """What a run is held against; raises UsageError before it where that cannot be."""
    if path is None and not update:
        return None
    from ..baseline import begun

    return begun(path, update, subjects, files)


def out_alone(out: Path | None, named: Mapping[str, Path | None]) -> Path:
    """Where several reports go; raises UsageError where that is not told by --out alone."""
    if out is None:
        raise UsageError("several files, or a folder's, need --out DIR for their reports")
    for option, file in named.items():
        if file is not None:
            raise UsageError(
                f"got {option} {file} with several files, or a folder's; expected --out alone, "
                f"where each file has its own; leave {option} away"
            )
    return out


def options_of(chosen: dict[str, Any]) -> Options:
    """The options of the command as those of a run."""
    named = tuple(dict.fromkeys(chosen["oracles"]))
    given = {name: value for name, value in chosen.items() if value is not None}
    return Options(**{**given, "oracles": named or None, "ops": tuple(chosen["ops"])})


def files_among(subjects: Sequence[str]) -> list[Path]:
    """The files that are meant; raises UsageError for a folder without any, or a mixture."""
    paths: list[Path] = []
    for subject in subjects:
        folder = Path(subject)
        if is_folder(subject):
            found = sorted(p for p in folder.iterdir() if p.suffix in SOURCES and p.is_file())
            if not found:
                raise UsageError(f"{subject} has no Python file and no notebook")
            paths += found
        elif is_file(subject):
            paths.append(folder)
        elif paths:
            raise UsageError(f"got files and {subject!r}; expected files, or one module or oracle")
    return paths


def is_folder(subject: str) -> bool:
    """Whether a subject means a folder's files: a path does, whatever lies there.

    A bare name may be a package, whose code runs as the user's own: only one that is installed is
    taken for that. Raises UsageError for another.
    """
    folder = Path(subject)
    if not folder.is_dir():
        return False
    if not subject.isidentifier() or not (folder / "__init__.py").exists():
        return True
    if is_installed(subject):
        return False
    raise UsageError(
        f"{subject} is a folder with an __init__.py; expected ./{subject} for a folder of "
        f"submissions, or, for a package of your own, a module of it, such as {subject}.layers, or "
        "its name once it is installed"
    )


@stage("importing")
def imported() -> tuple[Any, Any]:
    """What a check takes, and a bad option does not."""
    from layercheck.pipeline.run import check

    from ..progress import Progress

    return check, Progress


def check_one(
    spec: str,
    files: Files,
    options: Options,
    jobs: Jobs | None,
    quiet: bool,
    against: Baseline | None,
) -> Report:
    """Check one subject, hold it against an earlier report where that is wanted, and write and tell
    the report."""
    check, Progress = imported()
    chosen = (lambda planned: jobs) if jobs else jobs_for
    with streamed(files) as streams:
        try:
            with in_bounds(spec) as clock, Progress(quiet or is_file(spec)) as progress:
                sinks = tuple(stream.take for stream in streams)
                report: Report = check(
                    spec, options, jobs=chosen, begin=progress.begin, sinks=sinks
                )
        except SubjectError as error:
            raise UsageError(f"{error}{remove_reports(files.values())}") from None
        held = None if report.partial else against
        report = held.hold(report) if held is not None else report
        with written_all(report, files, streams) as there:
            tell(report, there, quiet)
            if held is not None:
                held.tell(quiet, free_stream(files))
    if report.partial and clock.is_up:
        raise JudgingFailed(f"{spec}: {clock.told}; {ADVICE}")
    return report


def jobs_for(planned: int) -> int:
    """How many processes so many cases of a module are worth."""
    return cores(planned // WORTH_A_PROCESS)
