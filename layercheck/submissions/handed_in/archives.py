"""A .zip that somebody hands in: measured before it is opened, and no member leaves its place."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from layercheck.reporting.regular import Irregular, read_regular

from ..sandbox.limits import MOST_NOTEBOOK, MOST_SOURCE

MOST_ARCHIVE = 512 << 20
"""How many bytes of an archive are read: a class's export."""

MOST_DIRECTORY = 16 << 20
"""How large its table of contents may be: some 100,000 members."""

MOST_MEMBERS = 50_000
MOST_IN_ALL = 256 << 20
"""How many bytes all members together unpack to."""

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
PASSED_OVER = ("__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "env")
"""Folders that no student wrote."""


@dataclass(frozen=True)
class Member:
    """One file. path: within the archive or folder, with slashes · data: its bytes · problem: why
    there are none · is_other: neither source nor archive, only named."""

    path: str
    data: bytes = b""
    problem: str = ""
    is_other: bool = False


def is_hidden(path: str) -> bool:
    """Whether a file or a folder above it is hidden, or of a kind that no student wrote."""
    parts = path.split("/")
    return any((p.startswith(".") and p != "..") or p in PASSED_OVER for p in parts)


def is_source(path: str) -> bool:
    """Whether a file is opened: a source or an archive."""
    return path.lower().endswith((*SOURCES, ARCHIVE))


def most_of(path: str) -> int:
    """How many bytes of a file are read."""
    ends = path.lower()
    if ends.endswith(ARCHIVE):
        return MOST_ARCHIVE
    return MOST_NOTEBOOK if ends.endswith(".ipynb") else MOST_SOURCE


def read_archive(path: Path) -> bytes:
    """An archive's bytes; raises ValueError for what is too large or no regular file, and
    OSError."""
    try:
        return read_regular(path, MOST_ARCHIVE)
    except Irregular as error:
        raise ValueError(str(error)) from None


def members_of(data: bytes, also: str = "") -> Iterator[Member]:
    """The files in a .zip: sources, archives and what is called `also` with their bytes; those that
    cannot be read have a problem. One that is no archive, or could take all the memory, is a single
    such member.
    """
    try:
        check_directory(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from read_members(archive, also)
    except BROKEN as error:
        yield Member("", problem=f"it cannot be opened: {told(error)}; hand in a plain .zip")


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
    """The members that are not hidden, in their order, until all together are too large."""
    seen: set[str] = set()
    left = MOST_IN_ALL
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise ValueError(f"it has {len(infos):,} members; at most {MOST_MEMBERS:,} are read")
    for info in infos:
        path = info.filename.replace("\\", "/")
        name = path.rpartition("/")[2]
        if path.endswith("/") or is_hidden(path):
            continue
        if not path:
            yield Member("(no name)", problem="a member of the archive has no name")
            continue
        if not is_source(path) and (not also or name != also):
            yield Member(path, is_other=True)
            continue
        member = read_member(archive, info, path, left)
        left -= len(member.data)
        if path.casefold() in seen:
            member = Member(path, problem="it is in the archive twice")
        seen.add(path.casefold())
        yield member


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, left: int) -> Member:
    """One member, or why it is not read; what its header says of its size is not believed."""
    problem = misplaced(path)
    if stat.S_ISLNK(info.external_attr >> 16):
        problem = "it is a link"
    elif info.flag_bits & 1:
        problem = "it is encrypted"
    if problem:
        return Member(path, problem=problem)
    most = min(most_of(path), left)
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
