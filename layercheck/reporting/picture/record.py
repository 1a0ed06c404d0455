"""What a picture shows, as plain typed records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["input", "expected", "got", "difference"]


@dataclass(frozen=True)
class Panel:
    """One array, number by number."""

    name: str
    """`x`, `w`, `dout`, or the array that is wrong."""
    role: Role
    """What it is: given, the right answer, the function's, or the one less the other."""
    shape: list[int]
    """Its sizes."""
    numbers: list[float]
    """Its numbers in row-major order."""
    marked: list[int] = field(default_factory=list)
    """Which of them: of an input those that the first wrong element depends on, else the wrong
    ones; by place in row-major order."""
    first: int | None = None
    """The place of the first wrong element; none in an input."""


@dataclass(frozen=True)
class Map:
    """One image of a large array: how much of its limit each element, or block of them, used."""

    title: str
    """Which image: `dx[0, 2]`."""
    columns: int
    """How many cells stand in a row."""
    block: list[int]
    """How many elements a cell stands for: rows and columns."""
    shares: list[float]
    """The largest error over its limit in each cell, row by row; above 1 is wrong."""
    first: int | None = None
    """The cell of the first wrong element, if it lies in this image."""


@dataclass(frozen=True)
class Picture:
    """One wrong array of one case."""

    case: str
    """The question as one line of text."""
    array: str
    """Which array is wrong."""
    first: list[int] | None
    """The index of its first wrong element; none where its shape is another one."""
    panels: list[Panel] = field(default_factory=list)
    """Inputs, expected, got and difference, where all of them are small."""
    maps: list[Map] = field(default_factory=list)
    """In place of the panels where they are not: images with wrong elements."""
    wrong: int = 0
    """How many elements are wrong."""
    of: int = 0
    """Of how many."""
