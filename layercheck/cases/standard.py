"""The standard grid: covering arrays over an op's space, random combinations of it, usual cases.

Every pair of values of any two attributes, sizes, dtypes and fills that can occur together does
occur. Combinations that the layer itself rejects are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import prod
from typing import Any

import numpy as np

from ref_layers import OPS, Op

from .case import DTYPES, Case
from .covering import cover, lacking_pairs
from .parse import parse
from .space import Factors, Row, space_of
from .text import is_default

BATCH = 512
"""How many random combinations are tried at a time."""

PLAIN_SIZE = 60
"""How many cases the block of plain uses has, at least."""

FIRST_USUAL = 5000
"""The seed of the first usual case, beyond those of combined ones."""

TRIES = 60
"""How many combinations are tried to reach one pair of values that no earlier one had."""


@cache
def standard(op_name: str) -> tuple[Case, ...]:
    """The standard grid of one op, always the same."""
    op = OPS[op_name]
    combined = (make_case(op, row, seed) for seed, row in enumerate(choose(op)))
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


def choose(op: Op) -> list[Row]:
    """Rows of the whole space, then a block of the op's plain uses."""
    space = space_of(op.name)
    rows = choose_from(op, space.factors, space.size)
    plain = {**space.factors, **space.plain}
    return rows + choose_from(op, plain, PLAIN_SIZE) if space.plain else rows


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


def is_valid(op: Op, row: Row, by_levels: bool = True) -> bool:
    """Whether the space's own rule and the layer itself accept the combination.

    by_levels: whether that rule counts: not where somebody else has chosen the sizes.
    """
    if by_levels and not space_of(op.name).valid(row):
        return False
    try:
        return 0 not in make_case(op, row, 0).out_shape
    except ValueError:
        return False


def make_case(op: Op, row: Row, seed: int) -> Case:
    """The case of one combination."""
    given = {name: row.get(name, True) for name in op.inputs}
    shapes = {n: shape_of(t.symbols, row) for n, t in op.inputs.items() if given[n]}
    for name, tensor in op.inputs.items():
        if tensor.last and name in shapes:
            shapes[name] = shapes[name][-row[tensor.last] :]
    chosen = {n: row[n] for n in op.attributes if n in row}
    values = {n: v(row) if callable(v) else v for n, v in chosen.items()}
    attributes = {n: v for n, v in values.items() if not is_default(v, op.attributes[n])}
    return Case(op.name, shapes, attributes, row["dtype"], row["fill"], seed)


def shape_of(symbols: Sequence[str], row: Row) -> tuple[int, ...]:
    """The sizes of an array; an axis that has no level but None is left out."""
    sizes = ([row[name] for name in symbol.split("*")] for symbol in symbols)
    told = ([size for size in factors if size is not None] for factors in sizes)
    return tuple(prod(factors) for factors in told if factors)
