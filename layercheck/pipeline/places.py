"""Where a report may be written: beside the user's files, and never over one of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from layercheck.errors import UsageError
from layercheck.reporting.earlier import (
    form_of,
    is_replaceable,
    is_report,
    is_same_place,
    marks_of,
)
from layercheck.reporting.files import STDOUT, is_special
from layercheck.reporting.formats import formats, suffixes
from layercheck.reporting.summary import summaries

from .spec import SOURCES

EXPECTED = "expected a new file or an earlier report; choose another name"


def check_places(
    files: Mapping[str, Path], subjects: Sequence[Path], out: Path | None = None
) -> None:
    """Raise UsageError where reports cannot be written, or would take the place of something.

    files: the reports by format · subjects: the files that are checked · out: the folder that is
    made where it is not there; that of any other file has to be.
    """
    named = {form: path for form, path in files.items() if str(path) != STDOUT}
    if len(files) - len(named) > 1:
        raise UsageError("standard output takes one report; name a file for the other")
    for (form, path), (other, second) in combinations(named.items(), 2):
        if is_same_place(path, second) and not is_same_place(path, Path(os.devnull)):
            raise UsageError(
                f"the {form} and the {other} report would both go to {second}; expected a file "
                "each; choose another for one of them"
            )
    check_kept(named.values(), subjects)
    for form, path in named.items():
        check_form("json" if form == "baseline" else form, path)
    if out is not None:
        make_folder(out)
    for path in named.values():
        check_writable(path)


def check_kept(paths: Iterable[Path], subjects: Sequence[Path]) -> None:
    """Raise UsageError for the first path at which a report would destroy anything else."""
    taken = {mark: subject for subject in subjects for mark in marks_of(subject)}
    for path in paths:
        for mark in taken.keys() & marks_of(path):
            raise UsageError(
                f"the report would overwrite {taken[mark]}, which is to be checked; {EXPECTED}"
            )
        ends = {path.suffix.lower(), Path(os.path.realpath(path)).suffix.lower()}
        if ends.intersection(SOURCES):
            raise UsageError(
                f"cannot write the report to {path}: that is a source's name; {EXPECTED}"
            )
        if not is_special(path) and not path.is_dir() and not is_replaceable(path):
            raise UsageError(
                f"cannot write the report to {path}: it is there and no report; {EXPECTED}"
            )


def set_aside(out: Path, reports: Iterable[Path]) -> list[Path]:
    """Keep damaged reports of an earlier run under other names, so that they are made anew: files
    that are there in place of reports, in a folder that holds a summary of ours. Raises OSError."""
    try:
        ours = any(is_report(file) for file in summaries(out) if file.is_file())
    except OSError:
        ours = False
    damaged = [f for f in reports if ours and f.is_file() and not is_replaceable(f)]
    for file in damaged:
        file.replace(file.with_name(f"{file.name}.damaged"))
    return damaged


def check_regular(reports: Iterable[Path]) -> None:
    """Raise UsageError where something that is no file is in a report's place."""
    for path in reports:
        if path.exists() and not path.is_dir() and not path.is_file():
            raise UsageError(f"cannot write the report to {path}: it is no regular file; remove it")


def why_not(path: Path) -> str:
    """Why nothing can be written there."""
    if path.is_dir():
        return "it is a folder"
    there = path if is_special(path) else path.parent
    if not there.exists():
        return f"there is no folder {there}"
    flags = os.statvfs(there).f_flag if hasattr(os, "statvfs") else 0
    return (
        f"{there} is read-only" if flags & getattr(os, "ST_RDONLY", 1) else f"no right to {there}"
    )


def check_writable(path: Path) -> None:
    """Raise UsageError for a path that no report can be written to."""
    special = is_special(path)
    if not special and not path.parent.is_dir():
        raise UsageError(
            f"cannot write {path}: there is no folder {path.parent}; expected one that is there: "
            "make it, or choose another file"
        )
    if path.is_dir() or not os.access(path if special else path.parent, os.W_OK):
        raise UsageError(f"cannot write {path}: {why_not(path)}; choose another file")


def make_folder(out: Path) -> None:
    """Make the folder that `--out` names; raises UsageError where that cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {out}: {error.strerror}") from None


def check_form(form: str, path: Path) -> None:
    """Raise UsageError where a format's file has the ending of another one, or is there and a
    report of another one."""
    meant = suffixes().get(path.suffix.lower(), form)
    if form in formats() and meant != form:
        raise UsageError(
            f"got {path} for the {form} report; expected a name that ends in "
            f"{formats()[form].SUFFIX}: {path.suffix} is for {meant}; choose another name, or ask "
            f"for {meant}"
        )
    there = "" if is_special(path) or not path.is_file() else form_of(path)
    if there not in ("", form):
        raise UsageError(
            f"cannot write the {form} report to {path}: a {there} report is there; expected a new "
            f"file or an earlier {form} report; choose another name, or remove it"
        )
