"""The submissions of a class: each entry of a folder, or of a platform's export, is a student's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from .archives import ARCHIVE, PASSED_OVER, SOURCES, Member, members_of
from .folders import files_in, read_file
from .names import METADATA, Placed, Who, gradescope_names, platform_of

OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zipx")
HANDED_IN = (*SOURCES, ARCHIVE)
EXPECTED = "expected a Python file, a notebook or a .zip of them"
PSEUDONYMS = "layercheck-pseudonyms.csv"
"""A table of ours that lies beside the submissions."""


@dataclass(frozen=True)
class Piece:
    """One file of a student's. placed: whose it is, and where it belongs · data: its bytes ·
    problem: why there are none · is_other: no source, only named · lies: the file itself, where it
    may be read in its place."""

    placed: Placed
    data: bytes = b""
    problem: str = ""
    is_other: bool = False
    lies: Path | None = None


@dataclass(frozen=True)
class LeftOut:
    """An entry that is nobody's submission, with the reason."""

    name: str
    reason: str


def pieces_of(folder: Path, out: Path, every: bool) -> Iterator[Piece | LeftOut]:
    """Every file of every student; what is nobody's is left out and told.

    folder: of the submissions, or one archive · out: where reports go, which is no submission ·
    every: each entry is somebody's, also a folder beside files, and one without any source.
    """
    entries = [folder] if folder.is_file() else sorted(folder.iterdir())
    yield from hidden_sources(entries)
    entries = [entry for entry in entries if is_entry(entry, out)]
    flat = any(entry.suffix.lower() in SOURCES for entry in entries)
    for entry in entries:
        if entry.is_symlink() or not entry.is_dir():
            yield from file_pieces(entry, every)
        elif every or not flat or platform_of(f"{entry.name}/x", {}):
            yield from folder_pieces(entry, every)
        else:
            told = "a folder beside files counts with --require"
            yield LeftOut(entry.name, told if has_source(files_in(entry)) else EXPECTED)


def pieces_of_one(path: Path) -> Iterator[Piece | LeftOut]:
    """Every file of one student: a file, an archive, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        who = Placed(Who(Path(os.path.abspath(path)).name or "submission"), "")
        members = list(files_in(path))
        yield from students_pieces(who, members)
        if not members:
            yield Piece(who, problem=f"it is empty; {EXPECTED}")
    elif path.suffix.lower() == ARCHIVE and not path.is_symlink():
        yield from archive_pieces(path, Placed(Who(path.name), path.name))
    else:
        member = read_file(path, path.name)
        yield Piece(Placed(Who(path.name), path.name), member.data, about(member))


def is_entry(entry: Path, out: Path) -> bool:
    """Whether an entry is looked at: nothing hidden, nor where the reports go."""
    if entry.name.startswith(".") or entry.name in (*PASSED_OVER, PSEUDONYMS):
        return False
    return entry.is_symlink() or entry.resolve() != out.resolve()


def hidden_sources(entries: Iterable[Path]) -> Iterator[LeftOut]:
    """Those that look like somebody's work, but for the dot that hides them; macOS's own notes on
    files begin with `._`."""
    for entry in entries:
        name = entry.name.lower()
        if name.startswith(".") and not name.startswith("._") and name.endswith(HANDED_IN):
            yield LeftOut(entry.name, "its name begins with a dot, so that it is hidden; rename it")


def file_pieces(entry: Path, every: bool) -> Iterator[Piece | LeftOut]:
    """A file of the folder itself."""
    name, suffix = entry.name, entry.suffix.lower()
    placed = platform_of(name, {})
    if suffix == ARCHIVE and not entry.is_symlink():
        yield from archive_pieces(entry, placed)
    elif suffix in SOURCES:
        own = placed or Placed(Who(name), name)
        member = read_file(entry, name)
        yield Piece(own, member.data, about(member), lies=entry)
    elif placed or suffix in (*OTHER_ARCHIVES, ARCHIVE):
        own = placed or Placed(Who(name), name)
        yield Piece(own, problem=f"{own.path}: {EXPECTED}")
    else:
        yield LeftOut(name, EXPECTED)


def archive_pieces(entry: Path, placed: Placed | None) -> Iterator[Piece | LeftOut]:
    """An archive: a student's, or a platform's export of many."""
    own = read_file(entry, entry.name)
    who = placed or Placed(Who(entry.name), entry.name)
    if own.problem:
        yield Piece(who, problem=about(replace(own, path=who.path)))
        return
    members = list(members_of(own.data, METADATA))
    if placed is None and is_export(member.path for member in members):
        yield from export_pieces(members)
    elif not members:
        yield Piece(who, problem=f"{who.path}: it is empty; {EXPECTED}")
    else:
        yield from students_pieces(who, members)


def folder_pieces(entry: Path, every: bool) -> Iterator[Piece | LeftOut]:
    """A folder: a student's, or a platform's export of many."""
    members = list(files_in(entry, METADATA))
    placed = platform_of(f"{entry.name}/x", {})
    if placed is None and is_export(member.path for member in members):
        yield from export_pieces(members)
    elif placed or every or has_source(members):
        who = placed or Placed(Who(entry.name), "")
        yield from students_pieces(who, members)
        if not members:
            yield Piece(who, problem=f"it is empty; {EXPECTED}")
    else:
        yield LeftOut(entry.name, EXPECTED)


def students_pieces(who: Placed, members: Iterable[Member]) -> Iterator[Piece]:
    """The files of one student."""
    own = (member for member in members if not is_metadata(member.path))
    yield from unpacked(piece_of(replace(who, path=member.path), member) for member in own)


def piece_of(placed: Placed, member: Member) -> Piece:
    """A member as a student's file."""
    return Piece(placed, member.data, about(member), member.is_other)


def has_source(members: Iterable[Member]) -> bool:
    """Whether there is anything to open."""
    return any(not member.is_other for member in members)


def export_pieces(members: list[Member]) -> Iterator[Piece | LeftOut]:
    """The files of a platform's export, each its student's."""
    names = names_in(members)
    below = stripped(member.path for member in members)
    for member, path in zip(members, below, strict=True):
        placed = platform_of(path, names)
        if placed is not None:
            yield from unpacked([piece_of(placed, member)])
        elif not is_metadata(path):
            yield LeftOut(member.path or "the archive", member.problem or "it is no student's")


def is_export(paths: Iterable[str]) -> bool:
    """Whether a platform made it: every file is in a place that it gave to a student."""
    files = [path for path in stripped(paths) if not is_metadata(path)]
    return bool(files) and all(platform_of(path, {}) for path in files)


def stripped(paths: Iterable[str]) -> list[str]:
    """The paths below the one folder that holds them all, unless that is a student's."""
    every = list(paths)
    firsts = {PurePosixPath(path).parts[:1] for path in every}
    together = len(firsts) == 1 and all("/" in path for path in every)
    if not together or all(platform_of(path, {}) for path in every):
        return every
    return [path.partition("/")[2] for path in every]


def names_in(members: Iterable[Member]) -> Mapping[str, str]:
    """Gradescope's students, if the export has their names."""
    texts = (m.data.decode("utf-8", "replace") for m in members if is_metadata(m.path))
    return {number: name for text in texts for number, name in gradescope_names(text).items()}


def is_metadata(path: str) -> bool:
    """Whether a file is the platform's own."""
    return path.rpartition("/")[2] == METADATA


def about(member: Member) -> str:
    """A member's problem with its name."""
    return f"{member.path}: {member.problem}".removeprefix(": ") if member.problem else ""


def unpacked(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same with a student's archive in place of the archive; one within that is told."""
    for piece in pieces:
        path = piece.placed.path
        if piece.problem or piece.is_other or not path.lower().endswith(ARCHIVE):
            yield piece
            continue
        inside = list(members_of(piece.data))
        if not inside:
            yield replace(piece, data=b"", problem=f"{path}: it is empty; {EXPECTED}")
        for member in inside:
            within = f"{path[: -len(ARCHIVE)]}/{member.path}"
            nested = member.path.lower().endswith(ARCHIVE) and not member.problem
            problem = f"{within}: an archive in an archive" if nested else about(member)
            placed = replace(piece.placed, path=within)
            yield Piece(placed, b"" if problem else member.data, problem, member.is_other)
