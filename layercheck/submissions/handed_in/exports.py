"""What a platform exports: one folder or archive with a place for each student."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from .archives import ARCHIVE, METADATA, Member, names_of, read_archive
from .folders import files_below, read_file
from .gradescope import Listed, listed
from .names import is_certain, places_of


def names_below(entry: Path) -> list[str]:
    """The names of the files in a folder or an archive; of what cannot be opened none."""
    if entry.is_symlink():
        return []
    if entry.is_dir():
        return [member.path for member in files_below(entry)]
    try:
        return names_of(read_archive(entry)) if entry.suffix.lower() == ARCHIVE else []
    except (OSError, ValueError):
        return []


def is_export(paths: Iterable[str]) -> bool:
    """Whether a platform made it: most files are in places that it gave to students, and where that
    may be anybody's way to name files, to more than one."""
    files = [path for path in stripped(paths) if path != METADATA and not path.endswith("/")]
    places = {path: one for path, one in zip(files, places_of(files, {}), strict=True) if one}
    if not places or 2 * len(places) < len(files):
        return False
    return any(map(is_certain, places)) or len({one.who for one in places.values()}) > 1


def stripped(paths: Iterable[str]) -> list[str]:
    """The paths below the one folder that holds them all, unless that is a student's."""
    every = list(paths)
    files = [path for path in every if not path.endswith("/")]
    firsts = {PurePosixPath(path).parts[:1] for path in files}
    together = len(firsts) == 1 and all("/" in path for path in files)
    if not together or all(places_of(files, {})):
        return every
    return [path.partition("/")[2] for path in every]


def named_in(members: Sequence[Member]) -> Listed:
    """Gradescope's students, if the export has their names: at its top, since a student may hand in
    a file of that name, too."""
    below = stripped(member.path for member in members)
    own = (m for m, path in zip(members, below, strict=True) if path == METADATA)
    return listed(next(own, None))


def listed_beside(folder: Path) -> Listed:
    """Gradescope's students, where its export was unpacked."""
    place = folder / METADATA
    is_there = folder.is_dir() and (place.is_symlink() or place.exists())
    return listed(read_file(place, METADATA) if is_there else None)
