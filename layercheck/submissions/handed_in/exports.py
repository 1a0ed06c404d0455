"""What a platform exports: one folder or archive with a place for each student."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .archives import ARCHIVE, METADATA, Member, members_of
from .folders import files_below, files_in, read_file
from .gradescope import Listed, listed
from .names import is_certain, places_of


@dataclass(frozen=True)
class Held:
    """What a folder or an archive holds, read once: what is decided by its names, and what is
    judged, are the same. members: its files · problem: why it cannot be read."""

    members: Sequence[Member] = ()
    problem: str = ""

    @property
    def paths(self) -> list[str]:
        """Of its files, as far as it can be opened."""
        return [member.path for member in self.members if member.path]


def held_in(entry: Path) -> Held:
    """What an entry holds; of a link, and of any other file, nothing."""
    if entry.is_symlink():
        return Held()
    if entry.is_dir():
        return Held(list(files_in(entry, METADATA)))
    return held_by(entry) if entry.suffix.lower() == ARCHIVE else Held()


def held_by(archive: Path) -> Held:
    """What an archive holds."""
    own = read_file(archive, archive.name)
    return Held(problem=own.problem) if own.problem else Held(list(members_of(own.data, METADATA)))


def names_below(folder: Path) -> list[str]:
    """The names of the files in a folder that nobody reads."""
    return [] if folder.is_symlink() else [member.path for member in files_below(folder)]


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
