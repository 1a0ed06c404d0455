"""A .zip that somebody hands in: measured before it is opened, and no member leaves its place."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..sandbox.limits import MOST_NOTEBOOK, MOST_SOURCE

MOST_ARCHIVE = 512 << 20
"""How many bytes of an archive are read: a class's export."""

MOST_DIRECTORY = 16 << 20
"""How large its table of contents may be: some 100,000 members."""

MOST_FILES = 5000
"""How many files of a folder are looked at, of an export's each."""

MOST_IN_ALL = 256 << 20
"""How many bytes all members together unpack to, the small ones first."""

MOST_METADATA = 32 << 20
"""How many bytes are read of the file in which a platform names the students."""

LONGEST_PATH, DEEPEST_PATH = 400, 12

END, END64 = b"PK\x05\x06", b"PK\x06\x07"
END_SIZE, COMMENT = 22, 1 << 16

BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    struct.error,
    MemoryError,
)
"""What reading an archive may raise: it is somebody else's."""

ARCHIVE = ".zip"
SOURCES = (".py", ".ipynb")
METADATA = "submission_metadata.yml"
"""The file in which Gradescope names the students."""

PASSED_OVER = ("__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "env")
"""Folders that no student wrote."""


@dataclass(frozen=True)
class Member:
    """One file. path: within the archive or folder, with slashes · data: its bytes · problem: why
    there are none · is_last: what is told of only where its owner has nothing else: a source that
    is passed over, or a folder, whose path ends with a slash."""

    path: str
    data: bytes = b""
    problem: str = ""
    is_last: bool = False


def is_hidden(path: str) -> bool:
    """Whether a file or a folder above it is hidden, or of a kind that no student wrote."""
    parts = path.split("/")
    return any((p.startswith(".") and p != "..") or p in PASSED_OVER for p in parts)


def why_hidden(path: str) -> str:
    """The same in words, of a source that may be somebody's work after all."""
    parts = path.split("/")
    hidden = [p for p in parts if p.startswith(".") and p != ".."]
    if len(parts) == 1:
        how = "begins with a dot, so that it is hidden" if hidden else "is passed over"
        return f"its name {how}; rename it"
    if hidden:
        return f"{hidden[0]} begins with a dot, so that it is hidden; rename it"
    return f"a folder {next(p for p in parts if p in PASSED_OVER)} is passed over; rename it"


def place_of(path: str) -> tuple[str, ...]:
    """The folder by which files are counted: in an export one student's, or part of it."""
    return tuple(path.split("/")[:-1][:2])


def is_called(path: str, name: str) -> bool:
    """Whether a file has this name and lies at the top, or in the one folder that holds all: a
    student's own of that name is none."""
    return bool(name) and path.rpartition("/")[2] == name and path.count("/") <= 1


def is_source(path: str) -> bool:
    """Whether a file is opened: a source or an archive."""
    return path.lower().endswith((*SOURCES, ARCHIVE))


def most_of(path: str) -> int:
    """How many bytes of a file are read."""
    ends = path.lower()
    if ends.endswith(ARCHIVE):
        return MOST_ARCHIVE
    if ends.endswith(METADATA):
        return MOST_METADATA
    return MOST_NOTEBOOK if ends.endswith(".ipynb") else MOST_SOURCE


def members_of(data: bytes, also: str = "") -> Iterator[Member]:
    """The files in a .zip: sources, archives and what is called `also` with their bytes; those that
    cannot be read have a problem, and so have those that are hidden. One that is no archive, or
    could take all the memory, is a single such member.
    """
    try:
        with opened(data) as archive:
            yield from read_members(archive, also)
    except ValueError as error:
        yield Member("", problem=str(error))


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """An archive; raises ValueError for what is none, or could take all the memory, and where
    reading it fails."""
    try:
        check_directory(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive
    except BROKEN as error:
        raise ValueError(f"it cannot be opened: {told(error)}; hand in a plain .zip") from None


def check_directory(data: bytes) -> None:
    """Raise ValueError where the table of contents is too large to read, or is not there."""
    tail = data[-(END_SIZE + COMMENT) :]
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + END_SIZE:
        raise ValueError("it is no .zip, or cut off")
    if END64 in tail[max(0, at - 20) : at]:
        raise ValueError("it is a zip64, of over 4 GB or 65,535 members")
    (size,) = struct.unpack("<L", tail[at + 12 : at + 16])
    if size > MOST_DIRECTORY:
        raise ValueError(f"its table of contents has {size >> 20} MB; at most 16 MB are read")


def read_members(archive: zipfile.ZipFile, also: str) -> Iterator[Member]:
    """The members that are not hidden, in their order; of each folder so many, and so many bytes in
    all that small ones are never left out for large ones."""
    looked = Counter[tuple[str, ...]]()
    seen: set[str] = set()
    infos = archive.infolist()
    fit = small_enough(infos)
    for info in infos:
        path = info.filename.replace("\\", "/")
        place = place_of(path)
        if path.endswith("/"):
            yield Member(path, is_last=True)
        elif is_hidden(path):
            if is_source(path) and not is_apples(path):
                yield Member(path, problem=why_hidden(path), is_last=True)
        elif looked[place] < MOST_FILES:
            looked[place] += 1
            found = member_of(archive, info, path, also, id(info) in fit)
            twice = is_source(path) and path.casefold() in seen
            seen.add(path.casefold())
            yield Member(path, problem="it is in the archive twice") if twice else found


def member_of(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, also: str, fits: bool
) -> Member:
    """One member: its bytes where it is a source, an archive, or is called `also`."""
    if not path:
        return Member("(no name)", problem="a member of the archive has no name")
    if not is_source(path) and not is_called(path, also):
        return Member(path)
    return read_member(archive, info, path, fits)


def is_apples(path: str) -> bool:
    """Whether a file is one of macOS's notes on others."""
    return path.startswith("__MACOSX/") or path.rpartition("/")[2].startswith("._")


def small_enough(infos: Iterable[zipfile.ZipInfo]) -> set[int]:
    """The members that are unpacked, by their identity: the smallest first, until all together are
    too large. No member gives more bytes than its header says."""
    left, fit = MOST_IN_ALL, set[int]()
    for info in sorted(infos, key=lambda info: info.file_size):
        if is_source(info.filename) and info.file_size > left:
            break
        left -= info.file_size if is_source(info.filename) else 0
        fit.add(id(info))
    return fit


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, fits: bool) -> Member:
    """One member, or why it is not read. fits: whether there is room for it beside the others."""
    problem = misplaced(path)
    if stat.S_ISLNK(info.external_attr >> 16):
        problem = "it is a link"
    elif info.flag_bits & 1:
        problem = "it is encrypted"
    if problem:
        return Member(path, problem=problem)
    most = most_of(path)
    if not fits:
        told_most = f"at most {MOST_IN_ALL >> 20} MB of all together are unpacked"
        return Member(path, problem=f"it is too large beside the others: {told_most}")
    try:
        with archive.open(info) as file:
            data = file.read(most + 1)
    except BROKEN as error:
        return Member(path, problem=f"it cannot be unpacked: {told(error)}")
    if len(data) > most:
        return Member(path, problem=f"it is too large: at most {most >> 20} MB are unpacked")
    return Member(path, data)


def misplaced(path: str) -> str:
    """Why a path leads out of its folder, or is none; empty if all is well."""
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in path:
        return "its path leads out of the archive"
    if len(path) > LONGEST_PATH or len(parts) > DEEPEST_PATH:
        return "its path is too long"
    return ""


def told(error: BaseException) -> str:
    """An error of reading an archive, on one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
