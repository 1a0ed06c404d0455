"""Whole numbers: the exact result has no rounding, so that equality is all that is asked."""

from __future__ import annotations

import numpy as np

from layercheck.cases.case import Case
from ref_layers import OPS as EVERY

from ._drawing import made, whole_row

CHECK, EAGER, COMPILED = "truth", True, False
OPS = tuple(EVERY)


def case(op: str, rs: np.random.RandomState) -> Case | None:
    """Any shapes and attributes of the grids' levels; float32 most often."""
    return made(op, whole_row(op, rs), rs)
