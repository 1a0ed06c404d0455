"""grades.csv: a row for each student, for spreadsheets and for a platform's import."""

from __future__ import annotations

import csv
import io

from ..words import safe
from .records import MISSING, UNREADABLE, Class, Grade

HEAD = ("student", "id", "late", "score", "most")
LAST = "told"


def render(whole: Class) -> str:
    """The table as text; nothing in it is a formula."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow([safe(name) for name in (*HEAD, *whole.required.points, LAST)])
    for grade in whole.grades:
        writer.writerow([safe(cell) for cell in row(grade, whole.asked)])
    return table.getvalue()


def row(grade: Grade, asked: str = "") -> list[str]:
    """One student: the points of each function, and in the last cell what else was asked for than
    every case, and why any points are lost: of what cannot be read the notes say it."""
    lost = [
        f"{m.function} {m.verdict}" + (f" ({'; '.join(m.reasons)})" if m.reasons else "")
        for m in grade.marks
        if not m.passed and m.verdict != UNREADABLE and (m.reasons or m.verdict != MISSING)
    ]
    absent = [m.function for m in grade.marks if m.verdict == MISSING and not m.reasons]
    lost += [f"missing: {', '.join(absent)}"] if absent else []
    late = "late" if grade.is_late else ""
    points = [plain(mark.points) for mark in grade.marks]
    head = [grade.name, grade.number, late, plain(grade.points), plain(grade.most)]
    return [*head, *points, "; ".join(filter(None, [asked, *grade.notes, *lost]))]


def plain(points: float) -> str:
    """Points to two digits behind the point, without needless zeros.

    >>> plain(7.0), plain(2 / 3)
    ('7', '0.67')
    """
    return f"{points:.2f}".rstrip("0").rstrip(".")
