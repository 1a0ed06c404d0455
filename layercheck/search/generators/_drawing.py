"""What the generators share: a combination drawn from an op's levels, and the case of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.combined import make_case
from layercheck.cases.space import Row, space_of
from layercheck.judging.kinks import kinks
from ref_layers import OPS

T = TypeVar("T")
SEEDS = 1 << 20
"""How many draws of a case's values there are."""


def one(rs: np.random.RandomState, values: Sequence[T]) -> T:
    """One of some values."""
    return values[rs.randint(0, len(values))]


def drawn_row(op: str, rs: np.random.RandomState) -> Row:
    """A value for every size, attribute and optional input, each by itself; sizes of 1 to 4 more
    often than levels say."""
    levels = space_of(op).levels
    row = {name: one(rs, tuple(values)) for name, values in levels.items()}
    for name, value in row.items():
        if name in SMALL and isinstance(value, int) and rs.randint(0, 3) == 0:
            row[name] = int(rs.randint(1, 5))
    return row


SMALL = ("N", "C", "c", "F", "f", "H", "W", "KH", "KW", "D", "M", "L", "kernel_size")
"""Sizes that may be any."""


def made(op: str, row: Mapping[str, Any], rs: np.random.RandomState) -> Case | None:
    """The case of a combination; None where there is none."""
    try:
        return make_case(OPS[op], dict(row), int(rs.randint(0, SEEDS)))
    except (ValueError, TypeError, KeyError, ZeroDivisionError):
        return None


def whole_row(op: str, rs: np.random.RandomState) -> Row:
    """A combination with numbers whose sums and products are exact: no two alike where ties matter,
    else small ones; float32 most often."""
    ties = any(True for _ in kinks(op))
    dtype = one(rs, (*DTYPES, "float32"))
    large = ties or (dtype != "float16" and rs.randint(0, 3) == 0)
    return drawn_row(op, rs) | {"fill": "whole_numbers" if large else "integers", "dtype": dtype}
