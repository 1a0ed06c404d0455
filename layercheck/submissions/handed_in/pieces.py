"""One file of a student's, and what is nobody's; a student's archive is unpacked once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .archives import ARCHIVE, Member, is_source, members_of
from .exports import is_export
from .folders import MOST_TOLD
from .names import Placed

EXPECTED = "expected a Python file, a notebook or a .zip of them"
AN_EXPORT = "it looks like an export of other students; give each export alone"


@dataclass(frozen=True)
class Piece:
    """One file of a student's. placed: whose it is, and where it belongs · data: its bytes ·
    problem: why there are none · lies: the file itself, where it may be read in its place."""

    placed: Placed
    data: bytes = b""
    problem: str = ""
    lies: Path | None = None

    @property
    def is_other(self) -> bool:
        """Whether it is neither a source nor an archive, and only named."""
        return not self.problem and not is_source(self.placed.path)


@dataclass(frozen=True)
class LeftOut:
    """An entry that is nobody's submission, with the reason."""

    name: str
    reason: str


def last_resort(members: Sequence[Member]) -> list[Member]:
    """What of a student's is told: folders never, and sources that are passed over where there are
    no others."""
    own = [member for member in members if not member.is_last]
    if any(is_source(member.path) for member in own):
        return own
    return [*own, *[member for member in members if member.is_last and member.problem][:MOST_TOLD]]


def piece_of(placed: Placed, member: Member) -> Piece:
    """A member as a student's file."""
    return Piece(placed, member.data, about(replace(member, path=placed.path)))


def about(member: Member) -> str:
    """A member's problem with its name."""
    return f"{member.path}: {member.problem}".removeprefix(": ") if member.problem else ""


def unpacked(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same with a student's archive in place of the archive; one within that is told."""
    for piece in pieces:
        path = piece.placed.path
        if piece.problem or piece.is_other or not path.lower().endswith(ARCHIVE):
            yield piece
            continue
        found = list(members_of(piece.data))
        kept = last_resort(found)
        if not kept:
            yield replace(piece, data=b"", problem=f"{path}: it is empty; {EXPECTED}")
        if is_export(member.path for member in found):
            yield replace(piece, data=b"", problem=f"{path}: {AN_EXPORT}")
        for member in kept:
            within = f"{path[: -len(ARCHIVE)]}/{member.path}"
            nested = member.path.lower().endswith(ARCHIVE) and not member.problem
            problem = f"{within}: an archive in an archive" if nested else about(member)
            placed = replace(piece.placed, path=within)
            yield Piece(placed, b"" if problem else member.data, problem)
