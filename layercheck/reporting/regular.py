"""Reading a file that somebody names: a regular one, and no more of it than was meant to be."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class Irregular(ValueError):
    """No regular file, or too large a one; the message says which."""


def read_regular(path: Path, most: int, flags: int = 0) -> bytes:
    """A file's bytes, without waiting for anybody; raises Irregular, or OSError.

    most: how many are read · flags: further ones of open(2).
    """
    check_regular(path, path.stat())
    with open(path, "rb", opener=lambda name, more: at_once(name, more | flags)) as file:
        facts = os.fstat(file.fileno())
        check_regular(path, facts)
        data = file.read(most + 1) if facts.st_size <= most else b""
    size = max(facts.st_size, len(data))
    if size > most:
        told = f"{size / (1 << 20):.1f} MB"
        raise Irregular(f"{path} has {told}; at most {most >> 20} MB are read")
    return data


def check_regular(path: Path, facts: os.stat_result) -> None:
    """Raise Irregular for a folder, a pipe, a device or a socket."""
    if not stat.S_ISREG(facts.st_mode):
        raise Irregular(f"{path} is no regular file")


def at_once(path: str, flags: int) -> int:
    """Open without waiting, whatever has taken the file's place since it was looked at."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
