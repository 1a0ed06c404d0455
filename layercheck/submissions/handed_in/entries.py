"""The submissions of a class: each entry of a folder, or of a platform's export, is a student's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from layercheck.errors import UsageError

from .archives import (
    ARCHIVE,
    METADATA,
    SOURCES,
    Member,
    is_hidden,
    is_source,
    why_hidden,
)
from .exports import (
    Held,
    held_by,
    held_in,
    is_export,
    listed_beside,
    named_in,
    names_below,
    stripped,
)
from .folders import LINKED, files_in, read_file
from .gradescope import Listed
from .names import Placed, Who, attempted, places_of
from .pieces import AN_EXPORT, EXPECTED, LeftOut, Piece, about, last_resort, piece_of, unpacked

OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zipx")
HANDED_IN = (*SOURCES, ARCHIVE)
NOBODYS = ("__macosx", "__pycache__", ".git", ".ipynb_checkpoints")
"""Folders with sources that are nobody's work."""

FOLDER = "submission_"
"""How the name of a submission's folder begins in Gradescope's export."""

NOTHING_THERE = "is not in this export; export it anew, or unpack all of it"

PSEUDONYMS = "layercheck-pseudonyms.csv"
"""A table of ours that lies beside the submissions."""


def pieces_of(folder: Path, out: Path, every: bool) -> Iterator[Piece | LeftOut]:
    """Every file of every student; what is nobody's is left out and told.

    folder: of the submissions, or one archive · out: where reports go, which is no submission ·
    every: each entry is somebody's, also a folder beside files, and one without any source. Raises
    UsageError for an archive that cannot be opened, and OSError.
    """
    entries = entries_of(folder)
    yield from hidden_sources(entries)
    entries = [entry for entry in entries if is_entry(entry, out)]
    own = listed_beside(folder)
    yield from unlisted(own)
    yield from not_there(own, [entry.name for entry in entries])
    entries = [entry for entry in entries if entry.name != METADATA]
    places = placed_entries(entries, own.students)
    flat = any(entry.suffix.lower() in SOURCES for entry in entries)
    held = {entry: alone(entry) if entry == folder else held_in(entry) for entry in entries}
    full = [e for e in entries if is_source(e.name) or any(map(is_source, held[e].paths))]
    trusted = len(full) < 2 or all(is_export(held[entry].paths) for entry in full)
    for entry in entries:
        placed = places[entry]
        if entry.is_symlink():
            yield from linked_pieces(entry, placed, every)
        elif not entry.is_dir():
            yield from file_pieces(entry, held[entry], placed, trusted)
        elif every or not flat or placed:
            yield from folder_pieces(entry, held[entry], placed, every, trusted)
        else:
            told = "a folder beside files counts with --require"
            yield LeftOut(entry.name, told if has_source(held[entry].members) else EXPECTED)


def entries_of(folder: Path) -> list[Path]:
    """What lies in a folder, or one archive; raises UsageError where it cannot be looked into."""
    try:
        entries = [folder] if folder.is_file() else sorted(folder.iterdir())
        for entry in entries:
            entry.lstat()
    except OSError as error:
        raise UsageError(f"cannot read {folder}: {error.strerror}") from None
    return entries


def alone(archive: Path) -> Held:
    """What an archive holds that is all there is; raises UsageError where it cannot be opened."""
    held = held_by(archive)
    problem = held.problem or next((m.problem for m in held.members if not m.path), "")
    if problem:
        raise UsageError(f"cannot read {archive}: {problem}")
    return held


def placed_entries(
    entries: Sequence[Path], names: Mapping[str, Placed]
) -> dict[Path, Placed | None]:
    """Whose each entry is, as a platform names folders and files."""
    folders = {entry for entry in entries if entry.is_dir() and not entry.is_symlink()}
    found = places_of([f"{e.name}/x" if e in folders else e.name for e in entries], names)
    return {
        entry: replace(one, path="") if one and entry in folders else one
        for entry, one in zip(entries, found, strict=True)
    }


def unlisted(own: Listed) -> Iterator[LeftOut]:
    """Why an export's students are not named."""
    if own.problem:
        yield LeftOut(METADATA, own.problem)


def not_there(own: Listed, names: Iterable[str]) -> Iterator[Piece]:
    """The students that an export names and of whom it has nothing. names: of what it has."""
    there = {Path(name).parts[0] for name in names if name}
    for number, placed in own.students.items():
        if f"{FOLDER}{number}" not in there:
            yield Piece(placed, problem=f"{METADATA} names {FOLDER}{number}, which {NOTHING_THERE}")


def pieces_of_one(path: Path) -> Iterator[Piece | LeftOut]:
    """Every file of one student: a file, an archive, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        who = Placed(Who(Path(os.path.abspath(path)).name or "submission"), "")
        members = list(files_in(path))
        yield from students_pieces(who, members)
    elif path.suffix.lower() == ARCHIVE and not path.is_symlink():
        yield from archive_pieces(path, held_in(path), Placed(Who(path.name), path.name))
    else:
        member = read_file(path, path.name)
        yield Piece(Placed(Who(path.name), path.name), member.data, about(member))


def is_entry(entry: Path, out: Path) -> bool:
    """Whether an entry is looked at: nothing hidden, nor where the reports go."""
    if is_hidden(entry.name) or entry.name == PSEUDONYMS:
        return False
    return entry.is_symlink() or entry.resolve() != out.resolve()


def hidden_sources(entries: Iterable[Path]) -> Iterator[LeftOut]:
    """Those that look like somebody's work, but for their names; macOS's own notes on files begin
    with `._`."""
    for entry in entries:
        name = entry.name.lower()
        if name.startswith("._") or not is_hidden(entry.name) or name in NOBODYS:
            continue
        if name.endswith(HANDED_IN) or (entry.is_dir() and any(map(is_source, names_below(entry)))):
            yield LeftOut(entry.name, why_hidden(entry.name))


def linked_pieces(entry: Path, placed: Placed | None, every: bool) -> Iterator[Piece | LeftOut]:
    """A link, which is not followed; a source's is judged, which tells it."""
    suffix, who = entry.suffix.lower(), placed or Placed(Who(entry.name), entry.name)
    lies = entry if suffix in SOURCES else None
    if placed or every or suffix in HANDED_IN:
        yield Piece(who, problem=f"{entry.name}: {LINKED}", lies=lies)
    else:
        yield LeftOut(entry.name, LINKED)


def file_pieces(
    entry: Path, held: Held, placed: Placed | None, trusted: bool
) -> Iterator[Piece | LeftOut]:
    """A file of the folder itself."""
    name, suffix = entry.name, entry.suffix.lower()
    if suffix == ARCHIVE:
        yield from archive_pieces(entry, held, placed, trusted)
    elif suffix in SOURCES:
        own = placed or Placed(Who(name), name)
        member = read_file(entry, name)
        yield Piece(own, member.data, about(member), lies=entry)
    elif placed or suffix in OTHER_ARCHIVES:
        own = placed or Placed(Who(name), name)
        yield Piece(own, problem=f"{own.path}: {EXPECTED}")
    else:
        yield LeftOut(name, EXPECTED)


def archive_pieces(
    entry: Path, held: Held, placed: Placed | None, trusted: bool = False
) -> Iterator[Piece | LeftOut]:
    """An archive: a student's, or a platform's export of many, where it is trusted to be one."""
    who, members = placed or Placed(Who(entry.name), entry.name), list(held.members)
    if held.problem:
        yield Piece(who, problem=about(Member(who.path, problem=held.problem)))
        return
    if placed is None and is_export(member.path for member in members):
        yield from export_pieces(members) if trusted else untrusted_pieces(who, members)
    else:
        yield from students_pieces(who, members)


def folder_pieces(
    entry: Path, held: Held, placed: Placed | None, every: bool, trusted: bool
) -> Iterator[Piece | LeftOut]:
    """A folder: a student's, or a platform's export of many, where it is trusted to be one."""
    who, members = placed or Placed(Who(entry.name), ""), list(held.members)
    if placed is None and is_export(member.path for member in members):
        yield from export_pieces(members) if trusted else untrusted_pieces(who, members)
    elif placed or every or has_source(members):
        yield from students_pieces(who, members)
    else:
        yield LeftOut(entry.name, EXPECTED)


def untrusted_pieces(who: Placed, members: Iterable[Member]) -> Iterator[Piece]:
    """What has the form of an export and lies among submissions: its owner's, whoever it names."""
    yield Piece(who, problem=AN_EXPORT)
    yield from students_pieces(who, members)


def students_pieces(who: Placed, members: Iterable[Member]) -> Iterator[Piece]:
    """The files of one student."""
    kept = last_resort(list(members))
    pieces = [piece_of(replace(who, path=member.path), member) for member in kept]
    yield from unpacked(pieces)
    if not pieces:
        where = f"{who.path}: " if who.path else ""
        yield Piece(who, problem=f"{where}it is empty; {EXPECTED}")


def inside(path: str) -> str:
    """A path by which it is known whose a file is, and a folder: as that of what would be in it."""
    return f"{path}x" if path.endswith("/") else path


def has_source(members: Iterable[Member]) -> bool:
    """Whether there is anything to open."""
    return any(is_source(member.path) and not member.is_last for member in members)


def export_pieces(members: list[Member]) -> Iterator[Piece | LeftOut]:
    """The files of a platform's export, each its student's; who has none is told, too."""
    below = list(stripped(member.path for member in members))
    kept = [(m, path) for m, path in zip(members, below, strict=True) if path not in ("", METADATA)]
    named = named_in(members)
    yield from unlisted(named)
    yield from not_there(named, below)
    places = places_of([inside(path) for _, path in kept], named.students)
    of_each: dict[Who, list[tuple[Member, Placed]]] = {}
    for (member, path), placed in zip(kept, places, strict=True):
        if placed is not None:
            of_each.setdefault(placed.who, []).append((member, placed))
        elif not member.is_last:
            yield LeftOut(path, member.problem or "it is no student's")
    for own in of_each.values():
        own.sort(key=lambda one: attempted(one[0].path.rpartition("/")[2]))
        told = {id(member) for member in last_resort([member for member, _ in own])}
        pieces = [piece_of(placed, member) for member, placed in own if id(member) in told]
        yield from unpacked(pieces)
        if not pieces:
            yield Piece(own[0][1], problem=f"it is empty; {EXPECTED}")
