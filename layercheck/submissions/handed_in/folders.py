"""A folder that somebody hands in: its sources and archives, and no link is followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from layercheck.reporting.regular import Irregular, read_regular

from .archives import DEEPEST_PATH, Member, is_hidden, is_source, most_of

MOST_FILES = 5000
"""How many files of a folder are looked at."""


def files_in(folder: Path, also: str = "") -> Iterator[Member]:
    """The files in a folder and below it: sources, archives and what is called `also` with their
    bytes; those that cannot be read have a problem."""
    for path in paths_in(folder):
        name = path.relative_to(folder).as_posix()
        is_other = not is_source(name) and (not also or path.name != also)
        yield Member(name, is_other=True) if is_other else read_file(path, name)


def paths_in(folder: Path) -> Iterator[Path]:
    """Their paths, in order; nothing hidden."""
    seen = 0
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        kept = [f for f in folders if not (Path(place) / f).is_symlink()]
        kept = [f for f in kept if not is_hidden(f)]
        folders[:] = sorted(kept) if depth < DEEPEST_PATH else []
        for name in sorted(files):
            seen += 1
            if seen > MOST_FILES:
                return
            if not is_hidden(name):
                yield Path(place) / name


def read_file(path: Path, name: str) -> Member:
    """One file, or why it is not read."""
    if path.is_symlink():
        return Member(name, problem="it is a link; hand in the file itself")
    try:
        return Member(name, read_regular(path, most_of(name), getattr(os, "O_NOFOLLOW", 0)))
    except Irregular as error:
        return Member(name, problem=str(error))
    except OSError as error:
        return Member(name, problem=f"it cannot be read: {error.strerror or error}")
