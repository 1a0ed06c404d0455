"""Choosing the combinations of the standard grid: covering arrays, and random ones beside them.

Every pair of values of any two attributes, sizes, dtypes and fills that can occur together does
occur. Combinations that the layer itself rejects are left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers import Op

from ..combined import is_valid
from ..covering import cover, lacking_pairs
from ..space import Factors, Row, blocks, space_of

BATCH = 512
"""How many random combinations are tried at a time."""

TRIES = 60
"""How many combinations are tried to reach one pair of values that no earlier one had."""


def choose(op: Op) -> list[list[Row]]:
    """Rows for each block of the op's space."""
    return [choose_from(op, factors, size) for factors, size in blocks(space_of(op.name))]


def choose_from(op: Op, factors: Factors, size: int) -> list[Row]:
    """First a greedy cover of all pairs, then the rest of a random pool in its order."""
    rs = np.random.RandomState(20260101)
    pool = random_rows(op, factors, rs, size)
    found = (find_row(op, factors, rs, *pair) for pair in lacking_pairs(factors, pool))
    pool += [row for row in found if row is not None]
    order = cover(pool, factors)
    covering = set(order)
    rest = [i for i in range(len(pool)) if i not in covering]
    return [pool[i] for i in (order + rest)[: max(size, len(order))]]


def random_rows(op: Op, factors: Factors, rs: np.random.RandomState, size: int) -> list[Row]:
    """Valid combinations, half as many again as needed."""
    rows: list[Row] = []
    for _ in range(100):
        columns = {name: rs.permutation(BATCH) % len(values) for name, values in factors.items()}
        batch = ({n: v[columns[n][i]] for n, v in factors.items()} for i in range(BATCH))
        rows += [row for row in batch if is_valid(op, row)]
        if 2 * len(rows) >= 3 * size:
            break
    return rows


def find_row(
    op: Op, factors: Factors, rs: np.random.RandomState, *fixed: tuple[str, Any]
) -> Row | None:
    """A valid combination with these values, or None after TRIES."""
    for _ in range(TRIES):
        row = {name: values[rs.randint(len(values))] for name, values in factors.items()}
        row.update(fixed)
        if is_valid(op, row):
            return row
    return None
