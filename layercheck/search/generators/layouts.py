"""Numbers that round, in every layout and dtype: each element within its own derived bound."""

from __future__ import annotations

import numpy as np

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.fills import FILLS
from layercheck.cases.space import space_of
from ref_layers import OPS as EVERY

from ._drawing import drawn_row, made, one

CHECK, EAGER, COMPILED = "truth", True, False
OPS = tuple(EVERY)
HALF = ("normal", "uniform", "offset", "negative")
"""Values whose products float16 has."""


def case(op: str, rs: np.random.RandomState) -> Case | None:
    """Values as the grids draw them: beside a large mean, over many decades, of small variance."""
    dtype = one(rs, (*DTYPES, "float32"))
    fills = HALF if dtype == "float16" else space_of(op).fills or tuple(FILLS)
    return made(op, drawn_row(op, rs) | {"fill": one(rs, fills), "dtype": dtype}, rs)
