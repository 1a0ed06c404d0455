"""One special value alone in a row of 2 to 65: what is computed of it, and of those beside it, does
not depend on where it stands."""

from __future__ import annotations

import numpy as np

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.combined import make_case
from layercheck.cases.elementwise import activations
from ref_layers import OPS as EVERY

from ._drawing import SEEDS, drawn_row, one

CHECK, EAGER, COMPILED = "lanes", True, False
AXES = {
    **dict.fromkeys(activations(), -1),
    **dict.fromkeys(("max_pool", "avg_pool", "global_avg_pool", "instance_norm", "batch_norm"), 1),
    **dict.fromkeys(("softmax", "log_softmax"), 0),
}
"""By op, the axis along which each place is computed by itself."""
OPS = tuple(name for name in AXES if name in EVERY)
VALUES = ("nan", "inf", "-inf", "-0.0", "1e-40", "1e-310", "3e38", "-3e38", "6e4", "0")


def case(op: str, rs: np.random.RandomState) -> Case | None:
    """A row of so many, or so many channels; no parameters, which would tell places apart."""
    row = drawn_row(op, rs) | {"fill": f"alone:{one(rs, VALUES)}", "dtype": one(rs, DTYPES)}
    row |= dict.fromkeys(EVERY[op].optional, False)
    size = int(rs.randint(2, 66))
    try:
        made = make_case(EVERY[op], row, int(rs.randint(0, SEEDS)))
    except (ValueError, TypeError, KeyError):
        return None
    shape = (size,) if AXES[op] == -1 else tuple(made.shapes["x"])
    if AXES[op] == 1:
        shape = (shape[0], size, *shape[2:])
    return Case(op, {"x": shape}, made.attributes, made.dtype, made.fill, made.seed)
