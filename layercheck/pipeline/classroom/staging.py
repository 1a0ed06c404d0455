"""Each student's files in a folder of their own, from which they are checked."""

from __future__ import annotations

import re
import shutil
from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from layercheck.errors import UsageError
from layercheck.reporting.files import remove_file, replace_bytes
from layercheck.reporting.held import settled
from layercheck.submissions.handed_in.archives import SOURCES
from layercheck.submissions.handed_in.names import Who
from layercheck.submissions.handed_in.pieces import EXPECTED, LeftOut, Piece
from layercheck.submissions.profiles import notebooks

from ..many import mark, readable

FOLDER = "layercheck-submissions"
"""Where the copies lie, in the folder of the reports."""

MARKER = "these-are-copies.txt"
TOLD = "layercheck's copies of what was handed in: made anew at each run.\n"
LONGEST_PART = 100
MOST_NAMED = 5
"""How many of a student's other files are named."""


@dataclass
class Student:
    """Whose submission it is. folder: of the copies · files: what can be checked · places: each
    file's name as it was handed in · problems: what of it cannot be read · others: what else was
    handed in · taken_files, taken_folders: where copies lie, and in which folders · joined: what
    holds several of the files, by their names."""

    who: Who
    folder: Path
    is_late: bool = False
    files: list[Path] = field(default_factory=list)
    places: dict[Path, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    taken_files: set[str] = field(default_factory=set)
    taken_folders: set[str] = field(default_factory=set)
    joined: dict[Path, str] = field(default_factory=dict)

    def told(self) -> list[str]:
        """What cannot be checked, and why."""
        if self.files or self.problems:
            return self.problems
        has = ", ".join(self.others[:MOST_NAMED])
        return [f"it has no source; it has: {has}; {EXPECTED}"]


class Staging:
    """Takes the pieces in. alone: no file lies beside another student's, not even in a flat folder.

    names: what the folder of each student is called, by who it is; by default after the student.
    """

    def __init__(self, out: Path, alone: bool, names: dict[Who, str] | None = None) -> None:
        self.root, self.alone, self.names = out / FOLDER, alone, names or {}
        self.there = settled(out) / FOLDER
        self.students: dict[Who, Student] = {}
        self.left_out: list[LeftOut] = []
        self.taken: set[str] = set()

    def take(self, pieces: Iterable[Piece | LeftOut]) -> list[Student]:
        """All of them; the students in the order of their names. Raises UsageError where the copies
        cannot lie, and OSError."""
        for piece in pieces:
            if isinstance(piece, LeftOut):
                self.left_out.append(piece)
            else:
                self.add(piece)
        self.remove_others()
        return sorted(self.students.values(), key=lambda s: (s.folder.name.casefold(), s.folder))

    def add(self, piece: Piece) -> None:
        """One file."""
        student = self.student(piece.placed.who)
        student.is_late |= piece.placed.is_late
        if piece.is_other:
            student.others.append(piece.placed.path)
        elif piece.lies is not None and not self.alone:
            student.files.append(piece.lies)  # which tells its own problem
            student.places[piece.lies] = piece.placed.path
        elif piece.problem:
            student.problems.append(piece.problem)
        else:
            place = self.place(student, piece.placed.path)
            student.files.append(place)
            student.places[place] = self.named(student, piece.placed.path)
            if not place.is_file() or place.read_bytes() != piece.data:
                self.begin()
                make_room(place, student.folder)
                self.write(place, piece.data)

    def put(self, student: Student, paths: Sequence[Path], data: bytes) -> bool:
        """Files of a student as one, beside them; whether it is new there."""
        told = " and ".join(student.places[path] for path in paths)
        if told in student.joined.values():
            return False
        suffix = next((notebooks.SUFFIX for p in paths if notebooks.is_notebook(p.name)), ".py")
        place = self.place(student, f"{'+'.join(path.stem for path in paths)}{suffix}")
        student.files.append(place)
        student.places[place] = student.joined[place] = told
        self.begin()
        make_room(place, student.folder)
        self.write(place, data)
        return True

    def write(self, place: Path, data: bytes) -> None:
        """A copy; no link leads to it from where the reports' folder was. Raises OSError."""
        replace_bytes(self.there / place.relative_to(self.root), data)

    def named(self, student: Student, path: str) -> str:
        """A file's name as it was handed in; numbered where another one has it."""
        taken, number, name = set(student.places.values()), 2, path
        while name in taken:
            name, number = f"{path} ({number})", number + 1
        return name

    def student(self, who: Who) -> Student:
        """The student, new or not."""
        if who not in self.students:
            name = self.names.get(who) or readable(Path(f"{who.name}_{who.number}".strip("_")))
            name = f"{name}-{mark(Path(repr(who)))}" if name.casefold() in self.taken else name
            self.taken.add(name.casefold())
            self.students[who] = Student(who, self.root / name)
        return self.students[who]

    def place(self, student: Student, path: str) -> Path:
        """Where a copy lies: below the student's folder, whatever the path is; no two together, and
        none where a folder is."""
        *above, name = [plain(p) for p in path.split("/") if p not in ("", ".", "..")] or ["_"]
        folder = student.folder
        for part in above:
            folder = free(folder / part, student.taken_files)
            student.taken_folders.add(marked(folder))
        place = free(folder / name, student.taken_files | student.taken_folders)
        student.taken_files.add(marked(place))
        return place

    def begin(self) -> None:
        """Make the folder of the copies; raises UsageError where it is somebody else's."""
        marker = self.root / MARKER
        if self.root.exists() and not marker.is_file():
            raise UsageError(
                f"{self.root} is there and not layercheck's; expected none; choose another --out"
            )
        self.write(marker, TOLD.encode())

    def remove_others(self) -> None:
        """Remove copies of what is no longer handed in."""
        remove_copies(
            self.root, {file for student in self.students.values() for file in student.files}
        )


def remove_copies(root: Path, but: Container[Path] = ()) -> None:
    """Remove the copies below a folder of ours but for these, and what is then empty."""
    if not (root / MARKER).is_file():
        return
    there = settled(root)
    for path in sorted(root.rglob("*"), reverse=True):  # what lies deeper goes first
        if path.is_dir() and not path.is_symlink():
            with suppress(OSError):
                path.rmdir()
        elif path.suffix.lower() in SOURCES and path not in but:
            remove_file(there / path.relative_to(root))
    if not any(path != root / MARKER for path in root.iterdir()):
        (root / MARKER).unlink()
        root.rmdir()


def marked(path: Path) -> str:
    """A path by which it is known, also where upper and lower case are one."""
    return str(path).casefold()


def free(place: Path, taken: Container[str]) -> Path:
    """This place, or one beside it that nothing has."""
    number, first = 2, place
    while marked(place) in taken:
        place = first.with_name(f"{first.stem}-{number}{first.suffix}")
        number += 1
    return place


def make_room(place: Path, root: Path) -> None:
    """Remove copies of an earlier run where a file lies in place of a folder, or the reverse."""
    for path in (p for p in (*place.parents, place) if root in p.parents):
        if path.is_symlink() or (path != place and path.is_file()):
            path.unlink()
    if place.is_dir():
        shutil.rmtree(place)


def plain(part: str) -> str:
    """A part of a path in characters that every system takes.

    >>> plain("my layers?.py"), plain("-x.py")
    ('my layers_.py', '_x.py')
    """
    text = re.sub(r"[^\w.+ -]", "_", part, flags=re.ASCII).strip(". ") or "_"
    text = f"_{text[1:]}" if text.startswith("-") else text
    stem, dot, suffix = text.rpartition(".")
    return f"{stem[:LONGEST_PART]}{dot}{suffix[:LONGEST_PART]}"
