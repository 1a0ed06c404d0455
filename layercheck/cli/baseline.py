"""A run held against an earlier report: `--baseline FILE`, and `layercheck compare`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
) -> Baseline:
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
    return Baseline(path, update)


@dataclass
class Baseline:
    """An earlier report, which a run is held against. update: whether it is written anew."""

    path: Path
    update: bool
    made: Changes | None = None
    anew: str = ""

    def hold(self, report: Report) -> Report:
        """The report with what changed since the baseline: it fails where anything got worse."""
        self.anew = json.render(report) if self.update else ""
        if not self.path.exists():
            return report
        self.made = changes(read(self.path), json.plain_report(report))
        return report.held_against(self.made.found)

    def tell(self, quiet: bool, file: Any) -> None:
        """Tell what changed, and write the baseline anew if that is asked for."""
        if self.made is not None:
            click.echo(self.made.headline if quiet else text.render(self.made).rstrip(), file=file)
        if self.update:
            try:
                write_text(self.path, self.anew)
            except OSError as error:
                raise UsageError(f"cannot write {self.path}: {error.strerror}") from None
            click.echo(f"wrote {on_one_line(str(self.path))}{looser(self.made)}", file=file)


def looser(made: Changes | None) -> str:
    """What an update lets pass from now on that it did not before."""
    if made is None or not made.regressions:
        return ""
    told = ", ".join(on_one_line(change.what) for change in made.regressions[:8])
    return f"; LOOSER than before: {told}"
