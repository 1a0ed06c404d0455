"""A picture as the drawings of a page: each matrix or image one SVG, so that they wrap on a phone.

Drawings carry classes and no style of their own: the page's stylesheet has both its light and its
dark colours, and its Content-Security-Policy allows no other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .layout import Mark, Matrix, matrices
from .record import Map, Picture
from .terminal import map_title

LETTER, MARGIN, HEIGHT = 7.3, 10, 22
"""The width of a digit, what stands beside the widest number, and how high a cell is."""

LEAST_WIDTH, SHADE = 26, 12
CLASSES = {Mark.NONE: "", Mark.DEPENDS: "depends", Mark.WRONG: "wrong", Mark.FIRST: "first"}
WORDS = {Mark.DEPENDS: "needed", Mark.WRONG: "wrong", Mark.FIRST: "the first wrong one"}
MOST_SHADE = 5


@dataclass(frozen=True)
class Box:
    """One cell: where it stands, its text, and its classes."""

    x: float
    y: float
    text: str
    kind: str


@dataclass(frozen=True)
class Drawing:
    """One SVG: what it is called, its size in pixels, that of a cell, its cells, and all of it in
    words."""

    title: str
    width: float
    height: float
    cell: tuple[float, float]
    boxes: list[Box]
    told: str
    is_map: bool = False


def drawings(picture: Picture) -> list[Drawing]:
    """Every drawing of a picture."""
    return [drawn(matrix) for matrix in matrices(picture)] + [*map(drawn_map, picture.maps)]


def drawn(matrix: Matrix) -> Drawing:
    """A matrix, number by number; what is outlined comes last, so that nothing covers it."""
    width = max(LEAST_WIDTH, round(LETTER * matrix.width + MARGIN, 1))
    cells = [
        (cell.mark, Box(round(j * width, 1), i * HEIGHT, cell.text, CLASSES[cell.mark]))
        for i, row in enumerate(matrix.rows)
        for j, cell in enumerate(row)
    ]
    order = list(Mark)
    boxes = [box for _, box in sorted(cells, key=lambda one: order.index(one[0]))]
    size = round(width * max(map(len, matrix.rows), default=0), 1), HEIGHT * len(matrix.rows)
    return Drawing(matrix.title, *size, (width, HEIGHT), boxes, in_words(matrix))


def in_words(matrix: Matrix) -> str:
    """All of it as text, row by row."""
    rows = "; ".join(
        ", ".join(f"{c.text} ({WORDS[c.mark]})" if c.mark in WORDS else c.text for c in row)
        for row in matrix.rows
    )
    return f"{matrix.title}: {rows}"


def drawn_map(one: Map) -> Drawing:
    """An image of shares, the darker the more decades beyond the limit."""
    boxes = [
        Box(place % one.columns * SHADE, place // one.columns * SHADE, "", shade(one, place, share))
        for place, share in enumerate(one.shares)
    ]
    boxes.sort(key=lambda box: "first" in box.kind)
    rows = len(one.shares) // one.columns
    beyond = sum(not share <= 1 for share in one.shares)
    told = f"{one.title}: {beyond} of {len(one.shares)} cells are beyond the limit"
    size = one.columns * SHADE, rows * SHADE
    return Drawing(map_title(one), *size, (SHADE, SHADE), boxes, told, is_map=True)


def shade(one: Map, place: int, share: float) -> str:
    """`within`, or `beyond-1` to `beyond-5`: two decades each; the first wrong cell is outlined."""
    kind = "within"
    if not share <= 1:
        decades = math.log10(share) if math.isfinite(share) else 2 * MOST_SHADE
        kind = f"beyond-{min(MOST_SHADE, max(1, math.ceil(decades / 2)))}"
    return f"{kind} first" if place == one.first else kind
