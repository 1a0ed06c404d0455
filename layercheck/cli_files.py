"""The check command for files: submissions, judged in a sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from reports.report import PASSING

from .batch import Options, check_file, check_many, end_workers
from .cli import check_oracles, default_jobs, tell, write
from .errors import UsageError


def check_files(
    paths: Sequence[Path], files: dict[str, Path], out: Path | None, options: dict[str, Any]
) -> int:
    """Check one file, or many into a folder; the exit status."""
    chosen = options_of(options)
    for path in paths:
        if not path.is_file():
            raise UsageError(f"no file {path}; expected a Python file or a notebook")
    if len(paths) > 1:
        return check_several(paths, out, chosen, options)
    try:
        report = check_file(paths[0], chosen)
    finally:
        end_workers()
    write(report, files)
    tell(report, files, options["quiet"])
    return 0 if report.passed else 1


def options_of(options: dict[str, Any]) -> Options:
    """The command's options as those of submissions; raises UsageError where one does not fit."""
    for name in ("ops", "dtype", "where"):
        if options[name]:
            told = "op" if name == "ops" else name
            raise UsageError(f"--{told} is for modules; a file is checked by what it defines")
    if options["grid"] == "architectures":
        raise UsageError("--grid architectures is for modules; expected quick or standard")
    passing = set(PASSING) | ({options["allow"]} if options["allow"] else set())
    passing -= {"convention"} if options["strict"] else set()
    named = tuple(name for name in dict.fromkeys(options["oracles"]) if name != "exact")
    check_oracles(named)
    given = bool(options["oracles"])
    return Options(
        profile=options["profile"],
        grid=options["grid"] or "quick",
        oracles=named if given else Options.oracles,
        live=options["live"] or bool(named),
        fresh=options["fresh"],
        passing=tuple(sorted(passing)),
    )


def check_several(
    paths: Sequence[Path], out: Path | None, chosen: Options, options: dict[str, Any]
) -> int:
    if out is None or options["json_file"] or options["html_file"]:
        raise UsageError(f"{len(paths)} files need --out DIR for their reports")
    say = (lambda text: None) if options["quiet"] else (lambda text: click.echo(text, err=True))
    jobs = options["jobs"] or default_jobs(len(paths), 1)
    rows = check_many(paths, chosen, jobs, out, say)
    passed = sum(row.passed for row in rows)
    click.echo(
        f"{passed} of {len(rows)} pass; summary: {out / 'summary.csv'}, {out / 'summary.html'}"
    )
    return 0 if passed == len(rows) else 1
