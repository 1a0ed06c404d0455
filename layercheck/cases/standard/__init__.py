"""The standard grid: combinations of an op's space, then its usual cases.

Combinations are chosen by `choosing.py`, which takes a second an op, and kept in `<op>.txt`: for
each block the factors with the number of their values, then a row a line, a character for each
value's place. `python -m layercheck.upkeep.standard` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ref_layers import OPS

from ..case import DTYPES, Case
from ..combined import make_case
from ..parse import parse
from ..space import Factors, Row, blocks, space_of

FOLDER = Path(__file__).parent
PLACES = "0123456789abcdefghijklmnopqrstuvwxyz"
"""The characters that stand for the places of values."""

FIRST_USUAL = 5000
"""The seed of the first usual case, beyond those of combined ones."""


@cache
def standard(op_name: str) -> tuple[Case, ...]:
    """The standard grid of one op, always the same."""
    combined = (make_case(OPS[op_name], row, seed) for seed, row in enumerate(kept_rows(op_name)))
    return (*combined, *usual(op_name))


@cache
def usual(op_name: str) -> tuple[Case, ...]:
    """The usual cases of one op."""
    lines = filter(None, map(str.strip, space_of(op_name).usual.splitlines()))
    return tuple(parse(usual_text(op_name, line, number)) for number, line in enumerate(lines))


def usual_text(op_name: str, line: str, number: int) -> str:
    """A line of the usual cases as a case's text: with a dtype and a seed of its own."""
    dtype = "" if "dtype=" in line else f"dtype={DTYPES[number % 2]} "
    return f"{op_name} {line} {dtype}seed={FIRST_USUAL + number}"


def kept_rows(op_name: str) -> Iterator[Row]:
    """The combinations that the file holds; raises ValueError where the levels are others now."""
    text = (resources.files(__package__) / f"{op_name}.txt").read_text(encoding="utf-8")
    for (factors, _), block in zip(blocks(space_of(op_name)), text.split("\n\n"), strict=True):
        title, *lines = block.splitlines()
        if title != title_of(factors):
            raise ValueError(
                f"{op_name}.txt holds combinations of\n{title}\nexpected\n{title_of(factors)}\n"
                "run: python -m layercheck.upkeep.standard"
            )
        levels = [dict(zip(PLACES, values, strict=False)) for values in factors.values()]
        for line in lines:
            values = (level[place] for level, place in zip(levels, line, strict=True))
            yield dict(zip(factors, values, strict=True))


def title_of(factors: Factors) -> str:
    """The names of factors, each with the number of its values."""
    return " ".join(f"{name}:{len(values)}" for name, values in factors.items())


def text_of(op_name: str, rows: Sequence[Sequence[Row]]) -> str:
    """What the file holds, given the rows of each block."""
    of_blocks = zip(blocks(space_of(op_name)), rows, strict=True)
    return "\n".join(block_text(factors, own) for (factors, _), own in of_blocks)


def block_text(factors: Factors, rows: Sequence[Row]) -> str:
    """One block: its factors, then its rows."""
    lines = [title_of(factors), *(line_of(row, factors) for row in rows)]
    return "".join(f"{line}\n" for line in lines)


def line_of(row: Row, factors: Factors) -> str:
    """A row as the places of its values, which are compared by identity: True is not 1 here."""
    return "".join(PLACES[place_of(row[name], values)] for name, values in factors.items())


def place_of(value: Any, values: Sequence[Any]) -> int:
    """The place of a value among others."""
    return next(place for place, other in enumerate(values) if other is value)
