"""Removing what a submission left: however deep, closed to its owner, or a link in its place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MOVED = "layercheck-moved-"
"""How a folder is called that was moved up to be emptied in its turn."""


def remove(path: str) -> None:
    """Remove a folder with all that is in it, as far as that goes; of a link the link alone.

    No path is longer than a name, and nothing calls itself: of folders in folders each is moved up
    to the first one before it is emptied.
    """
    if os.path.islink(path):
        with suppress(OSError):
            os.unlink(path)
        return
    if os.rename not in os.supports_dir_fd or os.scandir not in os.supports_fd:  # Windows
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError), folder_at(path) as top:
        moved = iter(f"{MOVED}{number}" for number in range(1 << 62))
        while sum([emptied(name, top, moved) for name in folders_in(top)]):
            pass
    with suppress(OSError):
        os.rmdir(path)


def folders_in(top: int) -> list[str]:
    """The folders that lie in one; all else in it is removed."""
    found = []
    with os.scandir(top) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found.append(entry.name)
            else:
                with suppress(OSError):
                    os.unlink(entry.name, dir_fd=top)
    return found


def emptied(name: str, top: int, moved: Iterator[str]) -> bool:
    """Remove a folder in the first one, and move those in it beside it; whether it is gone."""
    with suppress(OSError):
        with folder_at(name, top) as within:
            for inner in folders_in(within):
                with suppress(OSError):
                    given_back(inner, within)
                    os.rename(inner, next(moved), src_dir_fd=within, dst_dir_fd=top)
        os.rmdir(name, dir_fd=top)
        return True
    return False


@contextmanager
def folder_at(name: str, top: int | None = None) -> Iterator[int]:
    """The descriptor of a folder, which no link leads to."""
    given_back(name, top)
    number = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        yield number
    finally:
        os.close(number)


def given_back(name: str, top: int | None) -> None:
    """A folder that its owner may not list, or not write to, is the owner's again."""
    facts = os.stat(name, dir_fd=top, follow_symlinks=False)
    if facts.st_mode & 0o700 != 0o700:
        os.chmod(name, 0o700, dir_fd=top)
