"""The one folder that a submission may write to: how full it may get, and how it is emptied."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress

from layercheck.errors import NoSandbox
from layercheck.processes.death import ChildDied
from layercheck.processes.watch import Look, below

from .emptied import remove
from .limits import Limits

DEEPEST = 2000
"""Letters of a path that a submission may make: below one that is too long nobody can look."""


class Folder:
    """A private folder on this machine's disk; where a way has one in memory, nothing is in it.

    path: where it is.
    """

    def __init__(self, limits: Limits) -> None:
        self.path = made()
        self.limits = limits

    def look(self, inside: str) -> Look:
        """A look at how full it is. inside: where it lies in a world of the child's own, or ''."""

        def look(process: int) -> ChildDied | None:
            files, size = in_world_of(process, inside) if inside else self._held()
            most, largest = self.limits.folder_files, self.limits.folder_bytes
            if files <= most and size <= largest:
                return None
            told = f"it wrote more than {most} files, or {largest >> 20} MB in all, or too deep"
            return ChildDied("too much output", told)

        return look

    def _held(self) -> tuple[int, int]:
        files = size = 0
        for entry in entries(self.path):
            files += 1 if len(entry.path) <= DEEPEST else self.limits.folder_files
            if files > self.limits.folder_files:
                break
            with suppress(OSError):
                size += entry.stat(follow_symlinks=False).st_size
        return files, size

    def empty(self) -> None:
        """What one child wrote is not there for the next: nothing of it runs any more."""
        self.remove()
        with suppress(OSError):
            os.mkdir(self.path, 0o700)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        remove(self.path)


def made() -> str:
    """A new folder that nobody else may look into. Raises NoSandbox where there is no place."""
    try:
        return tempfile.mkdtemp(prefix="layercheck-")
    except OSError as error:
        told = f"no folder for temporary files can be written to ({error.strerror})"
        raise NoSandbox(f"{told}; expected one of at least 1 MB; set TMPDIR to it") from None


def in_world_of(process: int, inside: str) -> tuple[int, int]:
    """How many files a file system holds that a child has for itself, and how many bytes."""
    with suppress(OSError, StopIteration):
        has = os.statvfs(f"/proc/{next(below(process))}/root{inside}")
        return has.f_files - has.f_ffree, (has.f_blocks - has.f_bfree) * has.f_frsize
    return 0, 0


def entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """All that lies in a folder and below it, as far as it can be listed."""
    due = [folder]
    while due:
        with suppress(OSError), os.scandir(due.pop()) as found:
            for entry in found:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    due.append(entry.path)
