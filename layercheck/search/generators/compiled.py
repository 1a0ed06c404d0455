"""Compiled, traced and transformed functions beside the definition that the eager ones follow."""

from __future__ import annotations

import numpy as np

from layercheck.cases.case import Case
from ref_layers import OPS as EVERY

from . import lanes, layouts, whole_numbers
from ._drawing import drawn_row, made

CHECK, EAGER, COMPILED = "truth", False, True
OPS = tuple(EVERY)


def case(op: str, rs: np.random.RandomState) -> Case | None:
    """What the others ask; where that means something of each number by itself, infinite ones, at
    small sizes."""
    if rs.randint(0, 3) == 0 and (EVERY[op].linear or lanes.AXES.get(op) == -1):
        sizes = dict.fromkeys(("N", "H", "W", "c", "f", "C", "F"), 1)
        row = drawn_row(op, rs)
        row |= {n: int(rs.randint(1, 4)) for n in sizes if isinstance(row.get(n), int)}
        return made(op, row | {"fill": "infinities", "dtype": "float32"}, rs)
    return layouts.case(op, rs) if rs.randint(0, 2) else whole_numbers.case(op, rs)
