"""The standard grid: covering arrays over an op's levels, then random combinations of them.

Every pair of values of any two attributes, sizes, dtypes and fills that can occur together does
occur. Combinations that the layer itself rejects are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from math import prod
from typing import Any

import numpy as np

from oracles.oracle import Array
from ref_layers import OPS, Op

from .architectures import architectures
from .case import DTYPES, Case, is_default
from .fills import FILLS

BATCH = 512
"""How many random combinations are tried at a time."""

PLAIN_SIZE = 60
"""How many cases the block of plain uses has, at least."""

TRIES = 60
"""How many combinations are tried to reach one pair of values that no earlier one had."""

Levels = dict[str, Any]
Space = Mapping[str, tuple[Any, ...]]


@cache
def standard(op_name: str) -> tuple[Case, ...]:
    """The standard grid of one op, always the same."""
    op = OPS[op_name]
    return tuple(make_case(op, levels, seed) for seed, levels in enumerate(choose(op)))


def cases(op_names: Sequence[str] | None = None) -> Iterator[Case]:
    """The standard grid of these ops, of all by default."""
    for name in op_names if op_names is not None else OPS:
        yield from standard(name)


def network_cases(op_names: Sequence[str] | None = None) -> Iterator[Case]:
    """The layers of well-known networks that are these ops, of all by default."""
    return (case for case in architectures() if op_names is None or case.op in op_names)


def quick_cases(op_names: Sequence[str] | None = None) -> Iterator[Case]:
    """The quick grid of these ops, of all by default."""
    from .quick_grid import cases as chosen  # it is chosen from this grid

    return chosen(op_names)


GRIDS: Mapping[str, Callable[[Sequence[str] | None], Iterator[Case]]] = {
    "standard": cases,
    "quick": quick_cases,
    "architectures": network_cases,
}
"""Every grid by the name that --grid takes: the cases of some ops, or of all."""


def space_of(op: Op) -> dict[str, tuple[Any, ...]]:
    """Everything that a grid varies, with its values."""
    return {**op.levels, "dtype": DTYPES[:2], "fill": op.fills or tuple(FILLS)}


def choose(op: Op) -> list[Levels]:
    """Rows of levels: the whole space, then a block of the op's plain uses."""
    space = space_of(op)
    rows = choose_from(op, space, op.grid_size)
    return rows + choose_from(op, {**space, **op.plain}, PLAIN_SIZE) if op.plain else rows


def choose_from(op: Op, space: Space, size: int) -> list[Levels]:
    """First a greedy cover of all pairs, then the rest of a random pool in its order."""
    rs = np.random.RandomState(20260101)
    pool = random_rows(op, space, rs, size)
    pool += missing_pairs(op, space, rs, pool)
    order = cover(pair_numbers(codes_of(pool, space), space))
    covering = set(order)
    rest = [i for i in range(len(pool)) if i not in covering]
    return [pool[i] for i in (order + rest)[: max(size, len(order))]]


def random_rows(op: Op, space: Space, rs: np.random.RandomState, size: int) -> list[Levels]:
    """Valid combinations, half as many again as needed."""
    rows: list[Levels] = []
    for _ in range(100):
        columns = {name: rs.permutation(BATCH) % len(values) for name, values in space.items()}
        batch = ({n: v[columns[n][i]] for n, v in space.items()} for i in range(BATCH))
        rows += [row for row in batch if is_valid(op, row)]
        if 2 * len(rows) >= 3 * size:
            break
    return rows


def missing_pairs(
    op: Op, space: Space, rs: np.random.RandomState, pool: Sequence[Levels]
) -> list[Levels]:
    """For each pair of values that the pool lacks, a valid combination that has it, if any."""
    seen = {
        (a, id(row[a]), b, id(row[b])) for a, b in combinations(space, 2) for row in pool
    }  # by identity: True is not 1 here
    lacking = [(a, b) for a, b in pairs_of(space) if (a[0], id(a[1]), b[0], id(b[1])) not in seen]
    found = (find_row(op, space, rs, a, b) for a, b in lacking)
    return [row for row in found if row is not None]


def pairs_of(space: Space) -> Iterator[tuple[tuple[str, Any], tuple[str, Any]]]:
    """Every pair of values of every two factors, each as (name, value)."""
    for first, second in combinations(space, 2):
        for a, b in product(space[first], space[second]):
            yield (first, a), (second, b)


def find_row(
    op: Op, space: Space, rs: np.random.RandomState, *fixed: tuple[str, Any]
) -> Levels | None:
    """A valid combination with these values, or None after TRIES."""
    for _ in range(TRIES):
        row = {name: values[rs.randint(len(values))] for name, values in space.items()}
        row.update(fixed)
        if is_valid(op, row):
            return row
    return None


def is_valid(op: Op, levels: Levels) -> bool:
    """Whether the op's own rule and the layer itself accept the combination."""
    if not op.valid(levels):
        return False
    case = make_case(op, levels, 0)
    try:
        return 0 not in case.out_shape
    except ValueError:
        return False


def make_case(op: Op, levels: Levels, seed: int) -> Case:
    given = {name: levels.get(name, True) for name in op.inputs}
    shapes = {n: shape_of(t.symbols, levels) for n, t in op.inputs.items() if given[n]}
    for name, tensor in op.inputs.items():
        if tensor.last and name in shapes:
            shapes[name] = shapes[name][-levels[tensor.last] :]
    chosen = {n: levels[n] for n in op.attributes if n in levels}
    values = {n: v(levels) if callable(v) else v for n, v in chosen.items()}
    known = op.attributes
    attributes = {n: v for n, v in values.items() if not is_default(v, known[n])}
    return Case(op.name, shapes, attributes, levels["dtype"], levels["fill"], seed)


def shape_of(symbols: Sequence[str], levels: Levels) -> tuple[int, ...]:
    """The sizes of an array; an axis whose level is None is left out."""
    sizes = ([levels[name] for name in symbol.split("*")] for symbol in symbols)
    return tuple(prod(factors) for factors in sizes if None not in factors)


def codes_of(rows: Sequence[Levels], space: Space) -> Array:
    """Each row as the positions of its values in their factors: (rows, factors)."""
    positions = {name: {id(v): i for i, v in enumerate(values)} for name, values in space.items()}
    return np.array([[positions[name][id(row[name])] for name in space] for row in rows])


def pair_numbers(codes: Array, space: Space) -> Array:
    """Each row as the numbers of the pairs of values in it: (rows, pairs of factors)."""
    sizes = [len(values) for values in space.values()]
    columns, start = [], 0
    for a, b in combinations(range(len(sizes)), 2):
        columns.append(start + codes[:, a] * sizes[b] + codes[:, b])
        start += sizes[a] * sizes[b]
    return np.stack(columns, axis=1)


def cover(pairs: Array) -> list[int]:
    """Rows, each the one with most pairs that no earlier one has, until every pair is had."""
    fresh = np.zeros(pairs.max() + 1, np.int32)
    fresh[np.unique(pairs)] = 1
    order: list[int] = []
    while fresh.any():
        best = int(np.argmax(fresh[pairs].sum(axis=1)))
        order.append(best)
        fresh[pairs[best]] = 0
    return order
