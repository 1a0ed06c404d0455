"""A folder that somebody hands in: its sources and archives, and no link is followed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from layercheck.reporting.regular import Irregular, read_below

from .archives import (
    DEEPEST_PATH,
    MOST_FILES,
    Member,
    is_called,
    is_hidden,
    is_source,
    most_of,
    place_of,
    why_hidden,
)

LINKED = "it is a link; hand in the file itself"
MOST_TOLD = 3
"""Of how many sources that are passed over it is told, where a student has no others."""

TOO_DEEP = "it lies too deep; hand it in nearer to the top"


def files_in(folder: Path, also: str = "") -> Iterator[Member]:
    """The files in a folder and below it: sources, archives and what is called `also` with their
    bytes; those that cannot be read have a problem, and so have those that are passed over."""
    for member in files_below(folder):
        if member.problem or not (is_source(member.path) or is_called(member.path, also)):
            yield member
        else:
            yield read_file(folder / member.path, member.path, folder)
    yield from islice(passed_over(folder), MOST_FILES)


def files_below(folder: Path) -> Iterator[Member]:
    """The files by name alone, in order; nothing hidden, and of each folder so many. A folder that
    cannot be looked into is a member with a problem."""
    looked = Counter[tuple[str, ...]]()
    closed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=closed.append):
        below = Path(place).relative_to(folder)
        kept = [f for f in folders if not is_hidden(f) and not os.path.islink(Path(place) / f)]
        folders[:] = sorted(kept) if len(below.parts) < DEEPEST_PATH else []
        for name in folders:
            yield Member(f"{(below / name).as_posix()}/", is_last=True)
        for name in sorted(files):
            path = (below / name).as_posix()
            looked[place_of(path)] += not is_hidden(name)
            if not is_hidden(name) and looked[place_of(path)] <= MOST_FILES:
                yield Member(path)
    for error in closed:
        where = Path(error.filename or folder).relative_to(folder).as_posix().removeprefix(".")
        yield Member(where, problem=f"it cannot be looked into: {error.strerror}")


def passed_over(folder: Path) -> Iterator[Member]:
    """The sources that are not looked at, with the reason; of a folder that nobody wrote no more
    than are told."""
    told = Counter[tuple[str, ...]]()
    for place, folders, files in os.walk(folder):
        below = Path(place).relative_to(folder)
        folders.sort()
        hidden = any(map(is_hidden, below.parts))
        if hidden and told[below.parts[:2]] >= MOST_TOLD:
            folders.clear()
            continue
        for name in folders:
            if os.path.islink(Path(place) / name):
                path = (below / name).as_posix()
                yield Member(path, problem="it is a linked folder", is_last=True)
        for name in sorted(files):
            path = (below / name).as_posix()
            if is_source(path) and is_hidden(path) and not name.startswith("._"):
                told[below.parts[:2]] += hidden
                yield Member(path, problem=why_hidden(path), is_last=True)
            elif is_source(path) and len(below.parts) > DEEPEST_PATH:
                yield Member(path, problem=TOO_DEEP, is_last=True)


def read_file(path: Path, name: str, folder: Path | None = None) -> Member:
    """One file, or why it is not read. folder: where it is handed in; no link leads from there."""
    folder = path.parent if folder is None else folder
    try:
        if path.is_symlink():
            return Member(name, problem=LINKED)
        return Member(name, read_below(folder, str(path.relative_to(folder)), most_of(name)))
    except Irregular as error:
        return Member(name, problem=str(error))
    except OSError as error:
        return Member(name, problem=f"it cannot be read: {error.strerror or error}")
