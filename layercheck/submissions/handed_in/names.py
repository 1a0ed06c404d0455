"""Whose a file is, as the exports of Moodle, Canvas, Blackboard and Gradescope say by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Who:
    """A student. name: as the platform or the file says · number: the platform's, if it has one."""

    name: str
    number: str = ""


@dataclass(frozen=True)
class Placed:
    """A file of an export. path: within what the student handed in · is_late: as the export
    says."""

    who: Who
    path: str
    is_late: bool = False


MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)", re.DOTALL
)
CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<number>\d+)_\d+_(?P<rest>[^/]+)", re.DOTALL
)
UNDERSCORED = re.compile(
    r"(?P<name>[^_/]+_(LATE_)?\d+)_(?P<late>LATE_)?(?P<number>\d+)_\d+_(?P<rest>[^/]+)", re.DOTALL
)
"""A Canvas name with an underscore and a number in it, `adaanna_11`, or a file whose name begins
with a number: nobody is taken for somebody else, though one student may be two."""

CANVAS_TEXT = re.compile(r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<number>\d+)_(?P<rest>text\.html)")
CANVAS_ANONYMOUS = re.compile(
    r"(?P<name>anon)_(?P<late>LATE_)?(?P<number>[A-Za-z0-9]{4,8})_\d+_(?P<rest>[^/]+)", re.DOTALL
)
GRADESCOPE = re.compile(r"submission_(?P<number>\d+)")
AGAIN = re.compile(r"-\d+(?=\.\w+$)")
"""What Canvas adds to a file's name that is handed in once more."""

BLACKBOARD = re.compile(
    r"(?P<name>.+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<rest>[^/]+)|(?P<about>\.txt))",
    re.DOTALL,
)
"""`Homework 1_adaanna_attempt_2026-11-28-10-20-30_layers.py`: first the assignment's name, then the
student's."""


def platform_of(path: str, names: Mapping[str, Placed]) -> Placed | None:
    """Whose a file is by its path within an export; None where no platform names files so.

    names: the students of Gradescope's submissions by number.

    >>> platform_of("Anna Ada_123_assignsubmission_file_/layers.py", {})
    Placed(who=Who(name='Anna Ada', number='123'), path='layers.py', is_late=False)
    >>> platform_of("adaanna_LATE_123_456_layers-1.py", {})
    Placed(who=Who(name='adaanna', number='123'), path='layers.py', is_late=True)
    """
    first, *below = PurePosixPath(path).parts or ("",)
    rest = "/".join(below)
    if found := MOODLE.fullmatch(first):
        who = Who(found["name"].strip(), found["number"])
        return Placed(who, "/".join(filter(None, (found["rest"], rest))))
    if (found := BLACKBOARD.fullmatch(first)) and not below:
        return Placed(Who(found["name"]), found["rest"] or f"attempt{found['about']}")
    forms = (CANVAS_ANONYMOUS, CANVAS, CANVAS_TEXT)
    found = next(filter(None, (form.fullmatch(first) for form in forms)), None)
    if found and not below:
        if found.re is CANVAS and (more := UNDERSCORED.fullmatch(first)):
            found = more
        anonymous = found.re is CANVAS_ANONYMOUS
        name = f"anon {found['number']}" if anonymous else found["name"]
        who = Who(name, "" if anonymous else found["number"])
        return Placed(who, AGAIN.sub("", found["rest"]), found["late"] is not None)
    if (found := GRADESCOPE.fullmatch(first)) and below:
        number = found["number"]
        return replace(names.get(number, Placed(Who(first, number), "")), path=rest)
    return None


def places_of(paths: Sequence[str], names: Mapping[str, Placed]) -> list[Placed | None]:
    """Whose each file of a folder is. Canvas's names are told from `hw_3_1_anna.py` by the others:
    in an export not everybody has one name.

    >>> places_of(["hw_3_1_anna.py", "hw_3_2_bob.py"], {})
    [None, None]
    """
    found = without_assignment(paths, [platform_of(path, names) for path in paths])
    guessed = [n for n, one in enumerate(found) if one and not is_certain(paths[n])]
    called = {one.who.name for n in guessed if (one := found[n]) is not None}
    if len(guessed) > 1 and len(called) == 1:
        return [None if n in guessed else one for n, one in enumerate(found)]
    return found


def without_assignment(paths: Sequence[str], found: Sequence[Placed | None]) -> list[Placed | None]:
    """The same with Blackboard's students by their own names: without the words that all of them
    begin with, which are the assignment's; with one student alone, what is behind them."""
    ours = [bool(BLACKBOARD.fullmatch(path)) for path in paths]
    names = {one.who.name for one, own in zip(found, ours, strict=True) if own and one}
    called = dict(zip(names, without_shared(list(names)), strict=True))
    return [
        replace(one, who=Who(called[one.who.name])) if own and one else one
        for one, own in zip(found, ours, strict=True)
    ]


def without_shared(names: Sequence[str]) -> list[str]:
    """Names without the words that all begin with; of one alone its last word.

    >>> without_shared(["HW_1_ada_b", "HW_1_bo"]), without_shared(["HW_1_ada"])
    (['ada_b', 'bo'], ['ada'])
    """
    columns = zip(*(name.split("_") for name in names), strict=False)
    shared = sum(1 for _ in takewhile(lambda words: len(set(words)) == 1, columns))
    shared = names[0].count("_") if len(names) == 1 else shared
    return ["_".join(name.split("_")[shared:]) or name for name in names]


def attempted(path: str) -> str:
    """When a file of Blackboard's was handed in; empty for others."""
    found = BLACKBOARD.fullmatch(path)
    return found["when"] if found else ""


def is_certain(path: str) -> bool:
    """Whether a place is one that nobody but a platform thinks of."""
    first = path.partition("/")[0]
    return any(form.fullmatch(first) for form in (MOODLE, GRADESCOPE, BLACKBOARD))
