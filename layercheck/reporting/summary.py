"""Many reports summed up: a line each, as a table for spreadsheets and as a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .files import replace_with
from .verdict import Verdict
from .words import many, safe

SUMMARY = "summary"
"""What the files of all together are called; no report is called so."""


@dataclass(frozen=True)
class Row:
    """One submission.

    failing: the functions that are blamed · not_judged: those that could not be judged · problem:
    why there is no report.
    """

    subject: str
    profile: str = ""
    passed: bool = False
    functions: int = 0
    functions_passed: int = 0
    failing: str = ""
    not_judged: str = ""
    problem: str = ""

    @property
    def told(self) -> str:
        """What to say when it is done."""
        if self.problem:
            return " ".join(self.problem.split())
        passed = "passed" if self.passed else "FAILED"
        return f"{passed}, {self.functions_passed} of {many(self.functions, 'function')}"


def row_of(data: Mapping[str, Any]) -> Row:
    """The row of a report's JSON form."""
    checks = [check for check in data["checks"] if check["op"]]
    unread = "; ".join(check["note"] for check in data["checks"] if not check["op"])
    lacking = [check for check in checks if not check["passed"]]
    unjudged = [c["target"] for c in lacking if Verdict(c["verdict"]).is_silent]
    return Row(
        data["subject"],
        data.get("profile", ""),
        data["summary"]["passed"],
        len(checks),
        len(checks) - len(lacking),
        " ".join(c["target"] for c in lacking if c["target"] not in unjudged),
        " ".join(unjudged),
        unread,
    )


def write_summary(rows: Sequence[Row], out: Path, names: Mapping[str, str]) -> None:
    """summary.csv and summary.html, in the order of the files. names: of their reports."""
    from .formats.html import summary_text

    columns = [field.name for field in fields(Row)]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([safe(getattr(row, name)) for name in columns] for row in rows)
    sheet, page = summaries(out)
    replace_with(sheet, table.getvalue())
    links = {subject: f"{name}.html" for subject, name in names.items()}
    replace_with(page, summary_text(rows, links))


def summaries(out: Path) -> tuple[Path, Path]:
    """Where a summary stands: its table and its page."""
    return out / f"{SUMMARY}.csv", out / f"{SUMMARY}.html"
