"""A run held against an earlier report: `--baseline FILE`, and `layercheck compare`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from layercheck.errors import UsageError
from layercheck.pipeline.places import check_places
from layercheck.reporting.compare import text
from layercheck.reporting.compare.changes import Changes, changes
from layercheck.reporting.files import STDOUT, write_text
from layercheck.reporting.formats import json
from layercheck.reporting.report import Report
from layercheck.reporting.words import on_one_line

Held = Callable[[Report, bool, Any], bool]
"""Holds a report against the baseline, quietly or not, and tells it to a stream."""


def read(path: Path) -> dict[str, Any]:
    """A report; raises UsageError for what is none."""
    try:
        found = json.read(path)
        kept = {name: found[name] for name in json.COMPARED}
        check_forms(kept)
        made = changes(kept, kept)  # reads every field that a comparison reads
        for tell in (text.render, text.markdown, text.html):
            tell(made)
        on_one_line(made.old)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        told = error if isinstance(error, ValueError) else "a field is missing, or of another form"
        raise UsageError(
            f"{path} is no report of this version ({told}); expected what --json writes: check "
            "again, and write it anew"
        ) from None
    return kept


def check_forms(kept: Mapping[str, Any]) -> None:
    """Raise TypeError where a field that is told of a function, an oracle or a case is of another
    form: which of them a comparison tells depends on what it is held against."""
    for check in kept["checks"]:
        wrong = check["first_wrong"]
        told = (check["target"], check["verdict"], *([] if wrong is None else [wrong["case"]]))
        is_form("a check", check, told, str)
        is_form("a check", check, (check["passed"],), bool)
        is_form("a check", check, (check["failed"], check["cases"]), int)
    for defect in kept["defects"]:
        is_form("a defect", defect, (defect["oracle"], defect["case"]), str)
        is_form("a defect", defect, (defect["known"],), (str, type(None)))
    is_form("the cases", "text", kept["cases"]["text"], str)


def is_form(what: str, whole: object, values: Iterable[Any], kind: type | tuple[type, ...]) -> None:
    """Raise TypeError for values of another kind."""
    if not all(isinstance(value, kind) for value in values):
        raise TypeError(f"{what} that is none: {whole}")


def begun(
    path: Path | None, update: bool, subjects: Sequence[Path], files: Mapping[str, Path]
) -> Held:
    """What a report will be held against; raises UsageError before anything runs, where there is
    nothing, it is no report, or it would be overwritten before it is read. files: the run's."""
    if path is None:
        raise UsageError("got --update alone; expected --baseline FILE, which it writes")
    if str(path) == STDOUT:
        raise UsageError("got --baseline -; expected a file, which a later run can read")
    if not (path.exists() or update):
        raise UsageError(
            f"cannot read {path}: there is none; make it with --baseline FILE --update"
        )
    if path.exists():
        read(path)
    check_places({**files, "baseline": path}, subjects)
    return lambda report, quiet, file: held(report, path, update, quiet, file)


def held(report: Report, path: Path, update: bool, quiet: bool, file: Any) -> bool:
    """Tell what changed since the baseline, and write it anew if that is asked for; whether nothing
    got worse."""
    new = json.plain_report(report)
    made = changes(read(path), new) if path.exists() else None
    if made is not None:
        click.echo(made.headline if quiet else text.render(made).rstrip(), file=file)
    if update:
        try:
            write_text(path, json.render(report))
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from None
        click.echo(f"wrote {on_one_line(str(path))}{looser(made)}", file=file)
    return made is None or not made.regressions


def looser(made: Changes | None) -> str:
    """What an update lets pass from now on that it did not before."""
    if made is None or not made.regressions:
        return ""
    told = ", ".join(on_one_line(change.what) for change in made.regressions[:8])
    return f"; LOOSER than before: {told}"
