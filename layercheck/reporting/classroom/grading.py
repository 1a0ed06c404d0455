"""Reports in, grades out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from ..records import NeverRun
from ..verdict import Verdict
from ..words import lines, many
from .records import MISSING, UNREADABLE, Checked, Class, Grade, Mark, Mistake, Required

NARROWED = "narrowed"
NOT_IN_FILE, APART = "not in this file", "is not in this file"
"""What a reason says of a function that is looked for in vain; of one whose forward is."""

ONE_FILE = "; put the two into one file"
DEFINES = "defines "
"""How the problem begins of a file that is read, and has nothing that could be asked."""

FEW = 3
"""Of how many lines of a function it is told that they were never run."""

COMMON = 5
"""How many mistakes of a class are told."""


def grade_of(
    name: str,
    checked: Sequence[Checked],
    required: Required,
    unread: Sequence[str] = (),
    **given: Any,
) -> Grade:
    """The grade of one student. checked: the files · unread: why nothing of a submission could be
    read · given: further fields of the grade."""
    ordered = sorted(checked, key=lambda file: rank(file, required))
    marks = [mark_of(function, ordered, required) for function in required.points]
    if unread and not checked:
        marks = [replace(one, verdict=UNREADABLE, reasons=list(unread)) for one in marks]
    notes = [*given.pop("notes", ()), *problems(ordered)]
    found = [m.function for m in marks if m.verdict not in (MISSING, UNREADABLE)]
    notes += several(found, ordered)
    functions = [name for file in ordered for name in (*checks_of(file), *file.unasked)]
    counted = list(counting(ordered, required))
    notes += [text for n, c in counted for text in unseen(n, c)]
    return Grade(
        name,
        functions=functions,
        marks=marks,
        notes=notes,
        pages={file.name: file.page for file in ordered if file.page},
        failing=[one for n, c in counted for one in diagnosed(n, c)],
        answers=dict(fingerprint for file in reversed(ordered) for fingerprint in wrong(file)),
        **given,
    )


def problems(files: Sequence[Checked]) -> Iterator[str]:
    """What hinders files from being checked; not of one that has nothing to ask by itself, where
    some were put together."""
    joined = any(file.is_joined for file in files)
    for file in files:
        if file.problem and not (joined and file.problem.startswith(DEFINES)):
            yield f"{file.name}: {file.problem}"


def nobodys(whole: Class) -> Iterator[tuple[str, str]]:
    """The functions that count and that nobody has, which may be written wrongly, each with the
    nearest name that there is; empty for none."""
    has = {m.function for grade in whole.grades for m in grade.marks if m.verdict != MISSING}
    others = sorted({name for grade in whole.grades for name in grade.functions})
    for function in whole.required.points:
        if function not in has and function not in others:
            yield function, next(iter(get_close_matches(function, others, 1)), "")


def several(functions: Iterable[str], files: Sequence[Checked]) -> Iterator[str]:
    """Of functions that several files have: which counts."""
    twice: dict[str, list[str]] = {}
    for function in functions:
        holder = holding(function, files)
        has = sum(not file.is_joined and function in checks_of(file) for file in files)
        if holder is not None and has > 1:
            twice.setdefault(holder.name, []).append(function)
    for name, own in twice.items():
        yield f"{', '.join(own)} in several files: that of {name} counts"


def rank(file: Checked, required: Required) -> tuple[bool, int, int, str, int, str]:
    """The file that has most of what counts comes first, whether it is right or not; then that
    nearest to the top, then the newest copy; files put together come last."""
    has = sum(is_written(checks_of(file).get(function)) for function in required.points)
    base, copy = copy_of(file.name)
    return file.is_joined, -has, file.name.count("/"), base, -copy, file.name


COPY = re.compile(r"(.*?)(?:[ _]*\((\d+)\)|-(\d+))?(\.\w+)(?: \((\d+)\))?")
"""A name that browsers and platforms number when it was there already."""


def copy_of(name: str) -> tuple[str, int]:
    """The name without its number, and the number; 0 where it has none.

    >>> copy_of("layers-1.py"), copy_of("hw (3).py"), copy_of("layers.py (2)"), copy_of("hw.py")
    (('layers.py', 1), ('hw.py', 3), ('layers.py', 2), ('hw.py', 0))
    """
    found = COPY.fullmatch(name)
    if found is None:
        return name, 0
    numbers = [int(number[:9]) for number in found.group(2, 3, 5) if number]
    return f"{found[1]}{found[4]}", max(numbers, default=0)


def is_written(check: Mapping[str, Any] | None) -> bool:
    """Whether a function is there, more than a template, and can be asked."""
    unwritten = (Verdict.NOT_IMPLEMENTED.value, Verdict.SKIPPED.value)
    return check is not None and check["verdict"] not in unwritten


def holding(function: str, files: Sequence[Checked]) -> Checked | None:
    """The file whose function counts: the first that has more than a template of it, else the
    first that has it."""
    own = [file for file in files if function in checks_of(file)]
    written = [file for file in own if is_written(checks_of(file)[function])]
    return next(iter([*written, *own]), None)


def counting(
    files: Sequence[Checked], required: Required
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The functions that count, with the check that does."""
    for function in required.points:
        holder = holding(function, files)
        if holder is not None:
            yield function, checks_of(holder)[function]


def checks_of(file: Checked) -> dict[str, Mapping[str, Any]]:
    """The checks of a file by function."""
    return {check["target"]: check for check in file.data["checks"]} if file.data else {}


def mark_of(function: str, files: Sequence[Checked], required: Required) -> Mark:
    """What a student has of one function: what the file that counts came to."""
    most, file = required.points[function], holding(function, files)
    if file is not None:
        check = checks_of(file)[function]
        refused = refused_by(function, check, required)
        if refused is not None:
            verdict, reason = refused
            return Mark(function, verdict, False, 0.0, most, [reason], file.page)
        points = most * share(check, required.partial)
        reasons = [] if check["passed"] else reasons_of(check)
        verdict, passed = check["verdict"], check["passed"]
        return Mark(function, verdict, passed, points, most, reasons, file.page)
    return lacking(function, files, most)


def lacking(function: str, files: Sequence[Checked], most: float) -> Mark:
    """Of a function that was not checked: why."""
    broken = [file for file in files if file.problem]
    why = left_out(function, files) or resembling(function, files)
    if broken and not why:
        problem = [f"{file.name}: {file.problem}" for file in broken]
        if all(file.problem.startswith(DEFINES) for file in broken):
            return Mark(function, MISSING, False, 0.0, most)
        return Mark(function, UNREADABLE, False, 0.0, most, problem)
    return Mark(function, MISSING, False, 0.0, most, why)


def resembling(function: str, files: Sequence[Checked]) -> list[str]:
    """Of a name that nothing in the files has: the nearest that there is."""
    there = sorted({name for file in files for name in checks_of(file)})
    return [
        f"nothing has this name; there is {n}" for n in get_close_matches(function, there, 1, 0.8)
    ]


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


def left_out(function: str, files: Sequence[Checked]) -> list[str]:
    """Why a function that is there was not checked: what the file says that has it, and not one
    that lacks it."""
    reasons = [
        (file.name, one["reason"])
        for file in files
        for one in (file.data["not_checked"] if file.data and not file.problem else ())
        if one["name"] == function
    ]
    reasons += [(file.name, file.unasked[function]) for file in files if function in file.unasked]
    there = [(name, reason) for name, reason in reasons if not reason.startswith(NOT_IN_FILE)]
    if len(files) == 1 or not there:
        return [reason for _, reason in reasons[:1]]
    name, reason = there[0]
    return [f"{name}: {reason}{ONE_FILE if APART in reason else ''}"]


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


def diagnosed(function: str, check: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is wrong with a function, where that is known."""
    if not check["passed"]:
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
        every = [one for file in files for one in checks_of(file).items()]
        names = {name for name, check in every if check["op"] and check["cases"]}
        had.update(dict.fromkeys(names, 1))
        readable += bool(names)
    order = {n: None for files in students for file in files for n in checks_of(file)}
    return Required({name: 1.0 for name in order if 2 * had[name] >= readable and had[name]})
