"""Folders that are held while something in them is read or written: no link leads anywhere else.

A path says where a file is only until somebody puts a link in place of one of its folders. So each
folder is opened by its name in the one above it, and what is done is done there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

CAN = {os.open, os.mkdir, os.rename, os.unlink} <= os.supports_dir_fd
"""Whether this system opens files by their name in a folder (Windows does not)."""

FLAGS = (
    getattr(os, "O_PATH", os.O_RDONLY)
    | getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


TAKEN = "a link or a file has taken the place of a folder"


@dataclass(frozen=True)
class Held:
    """A folder. number: its descriptor, None where names are paths."""

    path: Path
    number: int | None

    def name(self, name: str) -> str:
        """By what a file in it is opened, together with `number`."""
        return name if self.number is not None else str(self.path / name)

    def open(self, name: str, flags: int) -> int:
        """The descriptor of a file in it, which is no link; raises OSError."""
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        return os.open(self.name(name), flags, 0o666, dir_fd=self.number)

    def stat(self, name: str) -> os.stat_result:
        """What is told of a file in it, of a link of the link; raises OSError."""
        return os.stat(self.name(name), dir_fd=self.number, follow_symlinks=False)

    def put(self, name: str, new: str) -> None:
        """A file of it gets another name, and takes the place of what has it; raises OSError."""
        there = {"src_dir_fd": self.number, "dst_dir_fd": self.number}
        os.replace(self.name(name), self.name(new), **there)

    def unlink(self, name: str) -> None:
        """Remove a file of it; raises OSError."""
        os.unlink(self.name(name), dir_fd=self.number)


def settled(folder: str | os.PathLike[str]) -> Path:
    """Where a folder that somebody named is now, whatever links lead there."""
    return Path(os.path.realpath(folder))


@contextmanager
def folder_of(file: Path, make: bool = False) -> Iterator[Held]:
    """The folder of a file whose path no link is part of; raises OSError where one is by now."""
    whole = Path(os.path.abspath(file))
    with held(Path(whole.anchor), whole.parent.parts[1:], make) as folder:
        yield folder


@contextmanager
def held(top: Path, below: Sequence[str], make: bool = False) -> Iterator[Held]:
    """A folder below one that is believed; raises OSError where a link leads there.

    below: the names of the folders, from the top · make: whether those that are not there are made.
    """
    path = top.joinpath(*below)
    if not CAN:
        if make:
            path.mkdir(parents=True, exist_ok=True)
        yield Held(path, None)
        return
    number = os.open(top, FLAGS & ~getattr(os, "O_NOFOLLOW", 0))
    try:
        for name in below:
            inner = opened(name, number, make)
            os.close(number)
            number = inner
        yield Held(path, number)
    finally:
        os.close(number)


def opened(name: str, above: int, make: bool) -> int:
    """The descriptor of a folder in another one."""
    try:
        return os.open(name, FLAGS, dir_fd=above)
    except FileNotFoundError:
        if not make:
            raise
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            raise NotADirectoryError(errno.ENOTDIR, TAKEN, name) from None
        raise
    with suppress(FileExistsError):  # somebody else may have made it just now
        os.mkdir(name, dir_fd=above)
    return os.open(name, FLAGS, dir_fd=above)
