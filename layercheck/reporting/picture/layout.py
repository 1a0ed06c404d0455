"""How the arrays of a picture are laid out: matrices of cells, each with its text and its marks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product

from ..numbers import joined, number
from .record import Panel, Picture

FEWEST_DIGITS, MOST_DIGITS = 3, 17


class Mark(Enum):
    """What is told of a cell, with the signs that say so without colour."""

    NONE = "  "
    DEPENDS = "()"
    WRONG = "<>"
    FIRST = "[]"


@dataclass(frozen=True)
class Cell:
    """One number as text."""

    text: str
    mark: Mark


@dataclass(frozen=True)
class Matrix:
    """The last two axes of an array at one place of the others."""

    title: str
    rows: list[list[Cell]]

    @property
    def width(self) -> int:
        """The letters of the widest cell."""
        return max((len(cell.text) for row in self.rows for cell in row), default=0)


def matrices(picture: Picture) -> list[Matrix]:
    """Every matrix of a picture's panels, in their order."""
    digits = digits_of(picture)
    return [matrix for panel in picture.panels for matrix in matrices_of(panel, digits)]


def matrices_of(panel: Panel, digits: int) -> Iterator[Matrix]:
    """Those of one array; a vector is a row, a scalar one cell."""
    *leading, height, width = [1, 1, *panel.shape][-max(2, len(panel.shape)) :]
    marked = frozenset(panel.marked)
    for number_of, place in enumerate(product(*map(range, leading))):
        start = number_of * height * width
        rows = [
            [cell(panel, start + i * width + j, marked, digits) for j in range(width)]
            for i in range(height)
        ]
        yield Matrix(title_of(panel, place), rows)


def title_of(panel: Panel, place: tuple[int, ...]) -> str:
    """`expected dx[0, 1]`; of a matrix, a vector or a scalar the name alone."""
    name = panel.name if panel.role == "input" else f"{panel.role} {panel.name}"
    return f"{name}[{', '.join(map(str, place))}]" if place else name


def cell(panel: Panel, place: int, marked: frozenset[int], digits: int) -> Cell:
    """One number of an array."""
    mark = Mark.NONE
    if place == panel.first:
        mark = Mark.FIRST
    elif place in marked:
        mark = Mark.DEPENDS if panel.role == "input" else Mark.WRONG
    return Cell(text_of(panel.numbers[place], digits), mark)


def text_of(value: float, digits: int) -> str:
    """A whole number in full, another one to so many digits.

    >>> text_of(-12345.0, 3), text_of(0.123456, 3), text_of(float("nan"), 3)
    ('-12345', '0.123', 'nan')
    """
    if math.isfinite(value) and value == int(value) and abs(value) < 10**6:
        return str(int(value))
    return number(value, digits)


def digits_of(picture: Picture) -> int:
    """How many digits tell the first wrong element from what it should be."""
    told = [panel for panel in picture.panels if panel.first is not None]
    first = {panel.role: panel.numbers[panel.first or 0] for panel in told}
    if "got" not in first or "expected" not in first:
        return FEWEST_DIGITS
    got, expected = first["got"], first["expected"]
    tried = range(FEWEST_DIGITS, MOST_DIGITS)
    return next((d for d in tried if text_of(got, d) != text_of(expected, d)), MOST_DIGITS)


# ---------------------------------------------------------------------- in words


def sentence(picture: Picture) -> str:
    """Which element is the first wrong one, and on how many numbers it depends."""
    if picture.first is None:
        return f"{picture.array} has another shape"
    place = f"[{', '.join(map(str, picture.first))}]" if picture.first else ""
    noun, verb = "element" if picture.of == 1 else "elements", "is" if picture.wrong == 1 else "are"
    counted = f"{picture.wrong:,} of {picture.of:,} {noun} of {picture.array} {verb} wrong"
    inputs = [panel for panel in picture.panels if panel.role == "input" and panel.marked]
    needed = [f"{len(panel.marked)} of {panel.name}" for panel in inputs]
    depends = f"; it depends on {joined(needed)}" if needed else ""
    return f"{counted}; the first is {picture.array}{place}{depends}"


LEGEND = "[ ] the first wrong element   < > other wrong ones   ( ) what it depends on"


def decade(share: float) -> str:
    """A cell of a map as one letter: `.` within the limit, `1` up to 10 times, ... `9`; `!` where a
    number is not finite.

    >>> [decade(share) for share in (0.5, 1.0, 1.5, 20.0, 1e30, float("inf"))]
    ['.', '.', '1', '2', '9', '!']
    """
    if not math.isfinite(share):
        return "!"
    return "." if share <= 1 else str(min(9, max(1, math.ceil(math.log10(share)))))
