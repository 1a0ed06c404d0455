"""What was staged of a class, and what the reports of it say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from layercheck.reporting.classroom.records import Checked, Required
from layercheck.reporting.sealing import read_own
from layercheck.reporting.summary import Row

from ..many import distinct, report_names, reports_at
from .staging import Staging, Student

MOST_JUDGED = 20
"""How many files of one student are checked."""

UNASKED = re.compile(r"^ +not checked: (\S+): (.+)$", re.MULTILINE)
"""A line on a function of a file of which nothing can be asked."""


@dataclass(frozen=True)
class Staged:
    """The students of a class, and the entries that are nobody's with the reason."""

    students: list[Student]
    left_out: list[tuple[str, str]]
    required: Required | None = None
    staging: Staging | None = None

    @property
    def files(self) -> list[Path]:
        """Every file that is checked."""
        return [file for student in self.students for file in judged(student, self.required)]


def judged(student: Student, required: Required | None) -> list[Path]:
    """Those of a student's files that are checked: where it is known what counts, those that
    mention it."""
    if required is None or len(student.files) == 1:
        return student.files[:MOST_JUDGED]
    names = [name.partition(".")[0].encode() for name in required.points]
    mention = [file for file in student.files if any(n in file.read_bytes() for n in names)]
    return (mention or student.files)[:MOST_JUDGED]


def checked_files(
    staged: Staged, rows: Sequence[Row], out: Path, fewest: int = 0
) -> list[dict[Path, Checked]]:
    """Of each student the files that were checked; of who has fewer than so many none is read.
    rows: of all files, in their order."""
    told = dict(zip(distinct(staged.files), rows, strict=True))
    names = report_names(list(told)) if told else {}
    return [
        {
            file: checked_file(student, file, told[file], out / names[file])
            for file in judged(student, staged.required)
            if len(student.files) >= fewest
        }
        for student in staged.students
    ]


def checked_file(student: Student, file: Path, row: Row, base: Path) -> Checked:
    """One file's report, and its problem by the name that the student knows."""
    page_file, data_file = reports_at(base)
    name = student.places[file]
    problem = row.problem.partition("; removed the report of an earlier run")[0]
    problem = problem.partition("\n")[0].removesuffix("; expected any of:")
    problem = problem.replace(str(file), name).replace(file.name, Path(name).name)
    problem = problem.removeprefix(f"{Path(name).name}: ")
    if not page_file.is_file() or not data_file.is_file():
        unasked = dict(UNASKED.findall(row.problem))
        told = problem or "there is no report of it"
        return Checked(name, None, told, unasked=unasked, is_joined=file in student.joined)
    data, is_joined = read_own(data_file), file in student.joined
    return Checked(name, data, problem, page_file.name, is_joined=is_joined)
