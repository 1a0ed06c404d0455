"""Reports in, grades out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ..records import NeverRun
from ..words import lines, many
from .records import MISSING, UNREADABLE, Checked, Class, Grade, Mark, Mistake, Required

NARROWED = "narrowed"
DEFINES = "defines "
"""How the problem begins of a file that is read, and has nothing that could be asked."""

FEW = 3
"""Of how many lines of a function it is told that they were never run."""

COMMON = 5
"""How many mistakes of a class are told."""


def grade_of(name: str, checked: Sequence[Checked], required: Required, **given: Any) -> Grade:
    """The grade of one student. checked: the files · given: further fields of the grade."""
    ordered = sorted(checked, key=lambda file: rank(file, required))
    marks = [mark_of(function, ordered, required) for function in required.points]
    notes = [*given.pop("notes", ()), *(f"{f.name}: {f.problem}" for f in ordered if f.problem)]
    found = [m.function for m in marks if m.verdict not in (MISSING, UNREADABLE)]
    twice = [f for f in found if sum(f in checks_of(file) for file in ordered) > 1]
    if twice:
        notes.append(f"{', '.join(twice)} in several files: that of {ordered[0].name} counts")
    functions = [name for file in ordered for name in (*checks_of(file), *file.unasked)]
    counted = [(n, c) for file in ordered[:1] for n, c in checks_of(file).items()]
    notes += [text for n, c in counted if n in required.points for text in unseen(n, c)]
    return Grade(
        name,
        functions=functions,
        marks=marks,
        notes=notes,
        pages={file.name: file.page for file in ordered if file.page},
        failing=[one for file in ordered for one in diagnosed(file, required)],
        answers=dict(fingerprint for file in reversed(ordered) for fingerprint in wrong(file)),
        **given,
    )


def nobodys(whole: Class) -> Iterator[tuple[str, str]]:
    """The functions that count and that nobody has, which may be written wrongly, each with the
    nearest name that there is; empty for none."""
    has = {m.function for grade in whole.grades for m in grade.marks if m.verdict != MISSING}
    others = sorted({name for grade in whole.grades for name in grade.functions})
    for function in whole.required.points:
        if function not in has and function not in others:
            yield function, next(iter(get_close_matches(function, others, 1)), "")


def rank(file: Checked, required: Required) -> tuple[int, int, str]:
    """The file that has most of what counts comes first, then that nearest to the top."""
    has = sum(function in checks_of(file) for function in required.points)
    return -has, file.name.count("/"), file.name


def checks_of(file: Checked) -> dict[str, Mapping[str, Any]]:
    """The checks of a file by function."""
    return {check["target"]: check for check in file.data["checks"]} if file.data else {}


def mark_of(function: str, files: Sequence[Checked], required: Required) -> Mark:
    """What a student has of one function: what the first file that has it came to."""
    most = required.points[function]
    for file in files:
        check = checks_of(file).get(function)
        if check is not None:
            refused = refused_by(function, check, required)
            if refused is not None:
                verdict, reason = refused
                return Mark(function, verdict, False, 0.0, most, [reason], file.page)
            points = most * share(check, required.partial)
            reasons = [] if check["passed"] else reasons_of(check)
            verdict, passed = check["verdict"], check["passed"]
            return Mark(function, verdict, passed, points, most, reasons, file.page)
    broken = [file for file in files if file.problem]
    why = left_out(function, [file for file in files if not file.problem])
    why = why or [file.unasked[function] for file in broken if function in file.unasked][:1]
    if broken and not why:
        problem = [f"{file.name}: {file.problem}" for file in broken]
        if all(file.problem.startswith(DEFINES) for file in broken):
            return Mark(function, MISSING, False, 0.0, most)
        return Mark(function, UNREADABLE, False, 0.0, most, problem)
    return Mark(function, MISSING, False, 0.0, most, why)


def refused_by(
    function: str, check: Mapping[str, Any], required: Required
) -> tuple[str, str] | None:
    """The verdict and the reason where a function is not what is required, whatever its numbers
    are: another layer by that name, or one that takes fewer settings."""
    asked = required.asked.get(function)
    if asked is None or not check["passed"]:
        return None
    if not is_same_layer(check["op"], asked.op):
        return MISSING, f"it is declared as {check['op']}; {asked.op} is required by that name"
    lacking = [
        n for n in (check.get("attributes") or {}).get("not_accepted", ()) if n in asked.settings
    ]
    if lacking and not required.narrow:
        return NARROWED, f"it takes no {', '.join(lacking)}, which the required one takes"
    return None


def is_same_layer(one: str, other: str) -> bool:
    """Whether two ops are one layer: for rows, and for images."""
    return one.removesuffix("_1d") == other.removesuffix("_1d")


def left_out(function: str, files: Iterable[Checked]) -> list[str]:
    """Why a function that is there was not checked."""
    listed = (one for file in files if file.data for one in file.data["not_checked"])
    return [one["reason"] for one in listed if one["name"] == function][:1]


def share(check: Mapping[str, Any], partial: bool) -> float:
    """How much of its points a function gets: all if it passes, else nothing, or the share of its
    cases that pass, which is less than all."""
    if check["passed"]:
        return 1.0
    cases = check["cases"]
    right = min(check["compared"] - check["failed"], cases - 1)
    return max(0, right) / cases if partial and cases else 0.0


def reasons_of(check: Mapping[str, Any]) -> list[str]:
    """Why a function fails: the diagnoses, else what the failing record says."""
    told = [diagnosis["text"] for diagnosis in check["diagnoses"]]
    if told:
        return told
    wrong = check["first_wrong"] or {}
    reason, _, _ = (wrong.get("reason") or "").partition("\n")
    counted = f"fails in {check['failed']:,} of {many(check['cases'], 'case')}"
    if reason:
        return [reason]
    note, _, _ = check["note"].partition("\n")
    return [note if note and not check["failed"] else "; ".join(filter(None, [counted, note]))]


def unseen(function: str, check: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a function that passes and that no case ran: what they do is not known."""
    places = [NeverRun(**one) for one in check.get("never_run", ()) if one["counts"]]
    for place in places[:FEW] if check["passed"] else ():
        yield f"{function}: {lines(place)} ({place.what}) never run"


def diagnosed(file: Checked, required: Required) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is wrong with the functions that count, where that is known."""
    for function, check in checks_of(file).items():
        if function in required.points and not check["passed"]:
            yield from ((function, d) for d in check["diagnoses"] if d["kind"] != "condition")


def wrong(file: Checked) -> Iterator[tuple[str, str]]:
    """The functions of a file that give wrong numbers, with the numbers' fingerprint."""
    for function, check in checks_of(file).items():
        if check.get("answers"):
            yield function, check["answers"]


def common_mistakes(grades: Iterable[Grade], most: int = COMMON) -> list[Mistake]:
    """The mistakes that most students made, those first; each student counts once."""
    students: Counter[str] = Counter()
    functions: dict[str, set[str]] = {}
    hints: dict[str, str] = {}
    for grade in grades:
        students.update({diagnosis["text"] for _, diagnosis in grade.failing})
        for function, diagnosis in grade.failing:
            functions.setdefault(diagnosis["text"], set()).add(function)
            hints.setdefault(diagnosis["text"], diagnosis["hint"])
    ordered = sorted(students, key=lambda text: (-students[text], text))[:most]
    return [Mistake(t, hints[t], sorted(functions[t]), students[t]) for t in ordered]


def usual(students: Sequence[Sequence[Checked]]) -> Required:
    """What counts where nobody said so: the functions that at least half of those students have
    of whom anything could be read."""
    had: Counter[str] = Counter()
    readable = 0
    for files in students:
        names = {name for file in files for name, check in checks_of(file).items() if check["op"]}
        had.update(dict.fromkeys(names, 1))
        readable += bool(names)
    order = {n: None for files in students for file in files for n in checks_of(file)}
    return Required({name: 1.0 for name in order if 2 * had[name] >= readable and had[name]})
