"""Sizes at their ends: nothing at all, kernels larger than images, strides larger than kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.space import Row
from ref_layers import OPS as EVERY

from ._drawing import made, one, whole_row

CHECK, EAGER, COMPILED = "truth", True, True
OPS = tuple(EVERY)
NONE = ("N", "C", "c", "F", "f", "H", "W", "D", "M", "L")
"""Sizes that may be 0."""


def changes(row: Row, rs: np.random.RandomState) -> list[dict[str, Any]]:
    """What there is to change, of which some is."""
    two = int(rs.randint(2, 4))
    every: list[dict[str, Any]] = [
        *({name: 0} for name in NONE if isinstance(row.get(name), int)),
        {"H": 1, "W": 1},
        {"KH": 1, "KW": 1},
        {"KH": (row.get("H") or 1) + int(rs.randint(0, 3)), "KW": (row.get("W") or 1) + 1},
        {"kernel_size": int(rs.randint(1, 9))},
        {"stride": two + int(rs.randint(0, 5))},
        {"stride": two, "dilation": two},
        {"groups": int(rs.randint(1, 7)), "c": 1},
        {"padding": 0},
        {"padding": "same"},
        {"padding": one(rs, (((0, 2), (1, 0)), ((3, 0), (0, 3)), ((2, 2), (1, 2))))},
    ]
    return [change for change in every if all(name in row for name in change)]


def case(op: str, rs: np.random.RandomState) -> Case | None:
    """A combination with one to three of its values at an end."""
    row = whole_row(op, rs)
    found = changes(row, rs)
    for _ in range(int(rs.randint(1, 4)) if found else 0):
        row |= one(rs, found)
    return made(op, row, rs)
