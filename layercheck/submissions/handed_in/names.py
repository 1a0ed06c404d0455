"""Whose a file is, as the exports of Moodle, Canvas and Gradescope say by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

METADATA = "submission_metadata.yml"
"""The file in which Gradescope names the students."""


def platform_of(path: str, names: Mapping[str, str]) -> Placed | None:
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
        name = names.get(found["number"], first)
        return Placed(Who(name, found["number"]), rest)
    return None


def places_of(paths: Sequence[str], names: Mapping[str, str]) -> list[Placed | None]:
    """Whose each file of a folder is. Canvas's names are told from `hw_3_1_anna.py` by the others:
    in an export not everybody has one name.

    >>> places_of(["hw_3_1_anna.py", "hw_3_2_bob.py"], {})
    [None, None]
    """
    found = [platform_of(path, names) for path in paths]
    guessed = [n for n, one in enumerate(found) if one and not is_certain(paths[n])]
    called = {one.who.name for n in guessed if (one := found[n]) is not None}
    if len(guessed) > 1 and len(called) == 1:
        return [None if n in guessed else one for n, one in enumerate(found)]
    return found


def is_certain(path: str) -> bool:
    """Whether a place is one that nobody but a platform thinks of."""
    first = path.partition("/")[0]
    return any(form.fullmatch(first) for form in (MOODLE, GRADESCOPE))


def gradescope_names(metadata: str) -> dict[str, str]:
    """The students of each submission by its number, as the export's metadata says.

    >>> gradescope_names("submission_7:\\n  :submitters:\\n  - :name: Anna Ada\\n    :sid: 3\\n")
    {'7': 'Anna Ada'}
    """
    found: dict[str, list[str]] = {}
    number = ""
    for line in metadata.splitlines():
        if head := re.fullmatch(r"submission_(\d+):\s*", line):
            number = head[1]
        elif number and (name := re.fullmatch(r"\s+-?\s*:name:\s*(.+?)\s*", line)):
            found.setdefault(number, []).append(name[1].strip("'\""))
    return {number: ", ".join(names) for number, names in found.items()}
