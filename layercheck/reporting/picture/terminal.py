"""A picture on a terminal, readable without colour too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .layout import LEGEND, Cell, Mark, Matrix, decade, matrices, sentence
from .record import Map, Picture

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STYLES = {Mark.NONE: "", Mark.DEPENDS: "bold cyan", Mark.WRONG: "red", Mark.FIRST: "bold red"}
GAP = 3
MAP_LEGEND = ".  within the limit   1 up to 10 times it   2 up to 100 times it ...   ! not finite"


def print_picture(picture: Picture, console: Console, indent: str = "  ", case: str = "") -> None:
    """Print a picture below what is told in words.

    indent: what stands before each line · case: the one that was told already.
    """
    from rich.text import Text

    if picture.case != case:
        console.print(Text(indent + picture.case), soft_wrap=True)
    console.print(Text(indent + sentence(picture)), soft_wrap=True)
    blocks = [block_of(matrix) for matrix in matrices(picture)] + [*map(block_of_map, picture.maps)]
    for lines in packed(blocks, console.width - len(indent)):
        for line in lines:
            console.print(Text.assemble(indent, line), soft_wrap=True)
        console.print()
    legend = MAP_LEGEND if picture.maps else LEGEND
    console.print(Text(indent + legend, "dim"), soft_wrap=True)


def block_of(matrix: Matrix) -> list[Text]:
    """A matrix with its title above it, every line equally wide."""
    from rich.text import Text

    lines = [Text(matrix.title, "bold")]
    for row in matrix.rows:
        cells = (Text(*signed(cell, matrix.width)) for cell in row)
        lines.append(Text(" ").join(cells))
    return even(lines)


def signed(cell: Cell, width: int) -> tuple[str, str]:
    """A number between its signs, and its style."""
    left, right = cell.mark.value
    padding = " " * (width - len(cell.text))
    return f"{padding}{left}{cell.text}{right}", STYLES[cell.mark]


def block_of_map(one: Map) -> list[Text]:
    """An image of shares, a letter a cell."""
    from rich.text import Text

    lines = [Text(map_title(one), "bold")]
    for start in range(0, len(one.shares), one.columns):
        cells = enumerate(one.shares[start : start + one.columns], start)
        lines.append(Text.assemble(*(letter(one, place, share) for place, share in cells)))
    return even(lines)


def map_title(one: Map) -> str:
    """`dx[0, 2]`, with what a cell stands for where that is more than one element."""
    rows, columns = one.block
    return one.title if rows * columns == 1 else f"{one.title}, a cell is {rows}x{columns} elements"


def letter(one: Map, place: int, share: float) -> tuple[str, str]:
    """One cell of a map."""
    if place == one.first:
        return decade(share), "bold reverse red"
    return decade(share), "red" if not share <= 1 else "dim"


def even(lines: Sequence[Text]) -> list[Text]:
    """Lines padded to the widest of them."""
    width = max(line.cell_len for line in lines)
    for line in lines:
        line.pad_right(width - line.cell_len)
    return list(lines)


def packed(blocks: Sequence[list[Text]], width: int) -> Iterator[list[Text]]:
    """Blocks side by side, as many as fit; each time the lines of one row of them."""
    row: list[list[Text]] = []
    for block in blocks:
        if row and sum(b[0].cell_len + GAP for b in row) + block[0].cell_len > width:
            yield beside(row)
            row = []
        row.append(block)
    if row:
        yield beside(row)


def beside(row: Sequence[list[Text]]) -> list[Text]:
    """Blocks next to each other, aligned at their titles."""
    from rich.text import Text

    height = max(map(len, row))
    full = [block + [Text(" " * block[0].cell_len)] * (height - len(block)) for block in row]
    lines = (Text(" " * GAP).join(parts) for parts in zip(*full, strict=True))
    return [stripped(line) for line in lines]


def stripped(line: Text) -> Text:
    """Without blanks at its end."""
    line.rstrip()
    return line
