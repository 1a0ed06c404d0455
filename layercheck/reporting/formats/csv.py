"""A report as a table: a row for each comparison, for spreadsheets and data frames."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import fields

from ..files import write_text
from ..report import Entry, Report
from ..words import safe

SUFFIX = ".csv"
COLUMNS = tuple(field.name for field in fields(Entry))


def render(report: Report) -> str:
    """The table as text."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in report.entries(of_subject=False):
        writer.writerow([safe(getattr(entry, name)) for name in COLUMNS])
    return table.getvalue()


def write(report: Report, path: str | os.PathLike[str]) -> None:
    """Write it; raises OSError, and then leaves what was at `path` before as it was."""
    write_text(path, render(report))
