"""What the grids try of an op: its sizes, attributes and fills, with the values worth trying."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .case import DTYPES
from .fills import FILLS

Row = dict[str, Any]
"""One combination: a value for every size, attribute, optional input, dtype and fill."""

Factors = Mapping[str, tuple[Any, ...]]
"""Everything that a grid varies, with its values."""


@dataclass(frozen=True)
class Space:
    """The question space of one op.

    levels: for each symbol and attribute the values that a grid combines; True and False for
        an optional input: present or absent; None for a symbol: arrays lack that axis.
    plain: levels of the simple uses, which narrow signatures can express too (a course's
        conv2d with one stride and no groups): the grid holds a block of them as well.
    valid: an optional rule that a combination has to keep to be worth a case.
    fills: the ways to draw values that make sense; None for all.
    size: how many cases the standard grid has, at least.
    usual: shapes and values that people use and that combined levels lack (square images, windows
        that tile them, one sample, ...), one question a line without the op's name; both dtypes in
        turn where a line names none.
    """

    levels: Factors
    plain: Factors = field(default_factory=dict)
    valid: Callable[[Row], bool] = field(default=lambda row: True)
    fills: tuple[str, ...] | None = None
    size: int = 220
    usual: str = ""

    @property
    def factors(self) -> Factors:
        """The levels, and the dtypes and fills."""
        return {**self.levels, "dtype": DTYPES[:2], "fill": self.fills or tuple(FILLS)}


PLAIN_SIZE = 60
"""How many cases the block of plain uses has, at least."""


def blocks(space: Space) -> list[tuple[Factors, int]]:
    """What the standard grid combines, and to how many rows at least: the whole space, then the
    op's plain uses."""
    plain = [({**space.factors, **space.plain}, PLAIN_SIZE)] if space.plain else []
    return [(space.factors, space.size), *plain]


@cache
def space_of(op_name: str) -> Space:
    """The space that `levels/<op>.py` holds."""
    module = importlib.import_module(f"{__package__}.levels.{op_name}")
    found: Space = module.SPACE
    return found
