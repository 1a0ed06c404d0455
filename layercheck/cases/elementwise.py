"""Ops that take one number and give one, found by what they do."""

from __future__ import annotations

from functools import cache

import numpy as np

from ref_layers import OPS


@cache
def activations() -> tuple[str, ...]:
    """The ops that take one number and give one."""
    return tuple(name for name, op in OPS.items() if set(op.inputs) == {"x"} and is_of_each(name))


def is_of_each(name: str) -> bool:
    """Whether an op's numbers have nothing to do with each other, and its shape stays."""
    op, x = OPS[name], np.array([[0.5, -1.0], [2.0, 1.0]])
    try:
        whole = op.forward(x)[0]
        single = [[op.forward(np.array([v]))[0][0] for v in row] for row in x]
    except (TypeError, ValueError, IndexError):
        return False
    return np.shape(whole) == x.shape and bool(np.array_equal(whole, single))
