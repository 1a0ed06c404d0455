"""A class's run: the submissions staged, checked as many files are, graded, and written."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from layercheck.cases.where import FITS, NO_SENSE
from layercheck.errors import UsageError
from layercheck.reporting.classroom import page, table
from layercheck.reporting.classroom.grading import common_mistakes, grade_of, usual
from layercheck.reporting.classroom.records import Class, Grade, Required
from layercheck.reporting.classroom.similar import similar
from layercheck.reporting.earlier import remove_reports
from layercheck.reporting.files import replace_with
from layercheck.reporting.held import settled
from layercheck.reporting.sealing import read_own
from layercheck.reporting.summary import Row
from layercheck.reporting.words import many
from layercheck.submissions.handed_in.archives import MOST_FILES
from layercheck.submissions.handed_in.entries import pieces_of, pieces_of_one

from ..crew import ENDED, Jobs
from ..many import UNWRITTEN, Say, Summed, check_many, distinct, files_of, report_names, reports_at
from ..options import Options
from ..plan import narrowing_of
from .checked import MOST_JUDGED, Staged, checked_files
from .joining import with_joined
from .pseudonyms import hide_names, parts_of, pseudonyms_of
from .staging import FOLDER, Staging, Student, remove_copies

SLOW = "timed out: "
"""What the reason holds of what took too long."""

SLACK_SECONDS = 2.0
"""How far a file system's clock may be from ours."""

FEW = 3
"""How many reports of others are named."""

GRADES, PAGE = "grades.csv", "class.html"


@dataclass(frozen=True)
class Grading:
    """required: what counts, None: what most students have · anonymous: whether no name is told ·
    similar: whether to look for wrong answers that agree."""

    required: Required | None = None
    anonymous: bool = False
    similar: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether each entry is a submission, and what counts is said."""
        return self.required is not None


def stage(folder: Path, out: Path, grading: Grading) -> Staged:
    """Bring each student's files to where they are checked; raises UsageError where there are none,
    and OSError."""
    pieces = list(pieces_of(folder, out, grading.is_fixed or grading.anonymous))
    names = pseudonyms_of(folder, pieces) if grading.anonymous else {}
    if grading.anonymous:
        check_nobody_named(out, names.values())
    staging = Staging(out, grading.is_fixed or grading.anonymous, names)
    students = staging.take(pieces)
    left_out = [(one.name, one.reason) for one in staging.left_out]
    if not students:
        raise UsageError(f"{folder} has no Python file and no notebook, nor an archive of them")
    if grading.anonymous:
        hide_names(students)
        left_out = [("", reason) for _, reason in left_out]
    return Staged(students, left_out, grading.required, staging)


def check_nobody_named(out: Path, pseudonyms: Iterable[str]) -> None:
    """Raise UsageError where a folder holds reports of others than these, who may have names."""
    ours = tuple(pseudonyms)
    for path in sorted(out.glob("*.json")):
        if not path.name.startswith(("layers-", "file", *ours)):
            raise UsageError(
                f"{path} is of a run that named students; choose another --out for --anonymous"
            )


def grade_one(path: Path, required: Required, options: Options, jobs: Jobs, out: Path) -> Grade:
    """The grade of one submission: a file, an archive or a folder. Raises OSError where its reports
    cannot be written, and UsageError."""
    staging = Staging(out, alone=True)
    students = staging.take(pieces_of_one(path))
    staged, grading = Staged(students, [], required, staging), Grading(required)
    summed, there = Summed([], 0), settled(out)

    def say(text: str) -> None:
        """Nothing: what is told is the grade."""

    def check() -> Summed:
        return check_many(staged.files, options, jobs, there, say, together=False)

    if staged.files:
        summed = with_joined(staged, check(), there, check, say)
    if summed.interruption is not None:
        raise summed.interruption
    (grade,) = class_of(staged, grading, summed.rows, there).grades
    return grade


def written_by(staged: Staged, out: Path) -> list[Path]:
    """Every file that the class's run writes."""
    return [*(files_of(staged.files, out) if staged.files else []), out / GRADES, out / PAGE]


def check_class(
    staged: Staged, grading: Grading, options: Options, jobs: Jobs, out: Path, say: Say
) -> tuple[Summed, Class | None]:
    """Check what is staged and write the grades; no class where the run was interrupted. Raises
    OSError where they cannot be written."""
    out.mkdir(parents=True, exist_ok=True)
    there = settled(out)  # from now on no link leads to what is written
    remove_reports([there / GRADES, there / PAGE])  # of an earlier state of the class
    together = not (grading.is_fixed or grading.anonymous)
    summed = Summed([], 0)
    for text in of_others(staged, out):
        say(text)

    def check(jobs: Jobs = jobs, resumed: bool = False) -> Summed:
        hidden = {str(file): names for file, names in hidden_in(staged, grading)}
        named = replace(options, hidden=hidden)
        return check_many(staged.files, named, jobs, there, say, together, resumed)

    if staged.files:
        began = time.time()
        summed = with_joined(staged, check(resumed=True), there, check, say)
        slow = [] if summed.interruption else timed_out(staged.files, there, began)
        ended = [row for row in summed.rows if row.problem.startswith(ENDED)]
        if (slow or ended) and not summed.interruption:  # on a busy machine anybody may be
            say(again(len(slow), len(ended)))
            remove_reports(slow)
            summed = with_joined(staged, check(1), there, check, say)
        check_written(summed.rows, out)
        check_asked(summed.rows)
    done = summed.interruption is None
    whole = class_of(staged, grading, summed.rows, there) if done else None
    whole = None if whole is None else replace(whole, asked=asked_of(options))
    if grading.anonymous:
        remove_copies(out / FOLDER)  # which may say who wrote them
    if whole is None:
        return summed, None
    replace_with(there / GRADES, table.render(whole))
    replace_with(there / PAGE, page.render(whole))
    return summed, whole


def of_others(staged: Staged, out: Path) -> Iterator[str]:
    """What is told of reports that are of none of these files: of another class, or of files that
    are no longer handed in."""
    own = set(written_by(staged, out))
    others = [p for p in sorted(out.glob("*.html")) if p not in own]
    others = [p for p in others if p.with_suffix(".json").is_file()]
    if others:
        named = ", ".join(p.name for p in others[:FEW])
        more = f" and {len(others) - FEW} more" if len(others) > FEW else ""
        yield (
            f"{out} holds reports of files that are not in this class: {named}{more}; they stay "
            "there; choose another --out for another class"
        )


def again(slow: int, ended: int) -> str:
    """What is told of files that are checked once more."""
    told = [f"{many(slow, 'file')} timed out"] * bool(slow)
    told += [f"{many(ended, 'judging process')} ended"] * bool(ended)
    return f"{' and '.join(told)}: checked once more, one at a time"


def check_written(rows: Sequence[Row], out: Path) -> None:
    """Raise UsageError where reports could not be written: that is no student's fault, and nothing
    to grade by."""
    ended = [row.problem for row in rows if row.problem.startswith(ENDED)]
    if len(ended) == len(rows) > 1:
        raise UsageError(
            f"nothing could be judged on this machine, and there are no grades: {ended[0]}"
        )
    lost = [row.problem for row in rows if row.problem.startswith(UNWRITTEN)]
    if lost:
        why = lost[0].removeprefix(f"{UNWRITTEN}: ").partition(";")[0]
        raise UsageError(
            f"cannot write into {out}: {why}; {many(len(lost), 'report')} of {len(rows):,} could "
            f"not be written, and there are no grades; make room and run it again"
        )


def timed_out(files: Sequence[Path], out: Path, began: float) -> list[Path]:
    """The reports of this run, since it began, that blame a function for its time."""
    found = []
    for name in report_names(distinct(files)).values():
        data = reports_at(out / name)[1]
        is_new = data.is_file() and data.stat().st_mtime >= began - SLACK_SECONDS
        if is_new and SLOW.encode() in data.read_bytes():
            checks = read_own(data)["checks"]
            firsts = [check["first_wrong"] or {} for check in checks]
            reasons = [*(one.get("reason", "") for one in firsts), *(c["note"] for c in checks)]
            found += [data] if any(SLOW in reason for reason in reasons) else []
    return found


def hidden_in(staged: Staged, grading: Grading) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Each file with the words that nobody may read of it."""
    for student in staged.students if grading.anonymous else ():
        for file in student.files:
            yield file, tuple(parts_of(student.who))


def class_of(staged: Staged, grading: Grading, rows: Sequence[Row], out: Path) -> Class:
    """The grades of a class whose files are checked. rows: of the files, in their order."""
    checked = [list(files.values()) for files in checked_files(staged, rows, out)]
    required = grading.required or usual(checked)
    shown = shown_names(staged.students, grading.anonymous)
    grades = [
        grade_of(
            name,
            files,
            required,
            student.problems,
            number="" if grading.anonymous else student.who.number,
            is_late=student.is_late,
            notes=notes_of(student, len(files)),
        )
        for name, student, files in zip(shown, staged.students, checked, strict=True)
    ]
    agreeing = similar(grades) if grading.similar else None
    mistakes = common_mistakes(grades)
    return Class(required, grading.is_fixed, grades, mistakes, staged.left_out, agreeing)


def check_asked(rows: Sequence[Row]) -> None:
    """Raise UsageError where the options leave no case of anybody: that is no student's fault, and
    nobody's 0 points."""
    left = [row.problem for row in rows if FITS in row.problem or NO_SENSE in row.problem]
    if rows and len(left) == len(rows):
        raise UsageError(f"nobody was asked anything, and there are no grades: {left[0]}")


def asked_of(options: Options) -> str:
    """What else is asked for than every case of every function: `only cases of dtype float32`."""
    narrowing = narrowing_of(options.grid, options)
    parts = [f"only cases {narrowing}"] if narrowing else []
    parts += [f"only of {', '.join(options.ops)}"] if options.ops else []
    return ", ".join(parts)


def notes_of(student: Student, checked: int) -> list[str]:
    """What the teacher should know of a submission beside its checks."""
    notes = list(student.told())
    if checked == MOST_JUDGED:
        notes.append(f"only {MOST_JUDGED} of its files were checked")
    if len(student.files) + len(student.others) >= MOST_FILES:
        notes.append(f"only {MOST_FILES:,} of its files were looked at")
    return notes


def shown_names(students: Sequence[Student], anonymous: bool) -> list[str]:
    """How each student is called: as the platform does, or by the entry's name, without its ending
    where that is no other's."""
    if anonymous:
        return [student.folder.name for student in students]
    names = [s.who.name if s.who.number else Path(s.who.name).stem for s in students]
    whole = [student.who.name for student in students]
    told = [n if names.count(n) == 1 else full for n, full in zip(names, whole, strict=True)]
    numbers = [student.who.number for student in students]
    return [
        f"{name} ({number})" if number and told.count(name) > 1 else name
        for name, number in zip(told, numbers, strict=True)
    ]
