"""Covering arrays: few rows that hold every pair of values of every two factors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np

from oracles.oracle import Array

from .space import Factors, Row

Pair = tuple[tuple[str, Any], tuple[str, Any]]


def pairs_of(factors: Factors) -> Iterator[Pair]:
    """Every pair of values of every two factors, each as (name, value)."""
    for first, second in combinations(factors, 2):
        for a, b in product(factors[first], factors[second]):
            yield (first, a), (second, b)


def lacking_pairs(factors: Factors, rows: Sequence[Row]) -> list[Pair]:
    """The pairs that no row holds; by identity, since True is not 1 here."""
    seen = {(a, id(row[a]), b, id(row[b])) for a, b in combinations(factors, 2) for row in rows}
    return [(a, b) for a, b in pairs_of(factors) if (a[0], id(a[1]), b[0], id(b[1])) not in seen]


def cover(rows: Sequence[Row], factors: Factors) -> list[int]:
    """The places of rows, each the one with most pairs that no earlier one has, until every pair
    is had."""
    pairs = pair_numbers(codes_of(rows, factors), factors)
    fresh = np.zeros(pairs.max() + 1, np.int32)
    fresh[np.unique(pairs)] = 1
    order: list[int] = []
    while fresh.any():
        best = int(np.argmax(fresh[pairs].sum(axis=1)))
        order.append(best)
        fresh[pairs[best]] = 0
    return order


def codes_of(rows: Sequence[Row], factors: Factors) -> Array:
    """Each row as the positions of its values in their factors: (rows, factors)."""
    positions = {name: {id(v): i for i, v in enumerate(values)} for name, values in factors.items()}
    return np.array([[positions[name][id(row[name])] for name in factors] for row in rows])


def pair_numbers(codes: Array, factors: Factors) -> Array:
    """Each row as the numbers of the pairs of values in it: (rows, pairs of factors)."""
    sizes = [len(values) for values in factors.values()]
    columns, start = [], 0
    for a, b in combinations(range(len(sizes)), 2):
        columns.append(start + codes[:, a] * sizes[b] + codes[:, b])
        start += sizes[a] * sizes[b]
    return np.stack(columns, axis=1)
