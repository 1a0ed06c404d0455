"""Reading a file that somebody names: a regular one, and no more of it than was meant to be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .held import held

AT_ONCE = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
"""Opening without waiting, whatever has taken the file's place since it was looked at."""


class Irregular(ValueError):
    """No regular file, or too large a one; the message says which."""


def read_regular(path: Path, most: int) -> bytes:
    """The bytes of a file that somebody named, without waiting for anybody; raises Irregular, or
    OSError. most: how many are read."""
    check_regular(path, path.stat())
    return read_opened(path, os.open(path, AT_ONCE), most)


def read_unlinked(path: Path, most: int) -> bytes:
    """The same of a file that is no link, in a folder that somebody named."""
    return read_below(path.parent, path.name, most)


def read_settled(path: Path, most: int) -> bytes:
    """The same of a file whose path no link is part of."""
    whole = Path(os.path.abspath(path))
    return read_below(Path(whole.anchor), str(whole.relative_to(whole.anchor)), most)


def read_below(top: Path, name: str, most: int) -> bytes:
    """The same of a file below a folder that somebody named, to which no link leads from there."""
    *below, last = Path(name).parts
    with held(top, below) as folder:
        check_regular(top / name, folder.stat(last))
        return read_opened(top / name, folder.open(last, AT_ONCE), most)


def check_regular(path: Path, facts: os.stat_result) -> None:
    """Raise Irregular for a folder, a pipe, a device, a socket or a link."""
    if not stat.S_ISREG(facts.st_mode):
        raise Irregular(f"{path} is no regular file")


def read_opened(path: Path, number: int, most: int) -> bytes:
    """What is read of a file that was opened, if it still is a regular one."""
    with os.fdopen(number, "rb") as file:
        facts = os.fstat(file.fileno())
        check_regular(path, facts)
        data = file.read(most + 1) if facts.st_size <= most else b""
    size = max(facts.st_size, len(data))
    if size > most:
        told = f"{size / (1 << 20):.1f} MB"
        raise Irregular(f"{path} has {told}; at most {most >> 20} MB are read")
    return data
