"""Cases for a signature so narrow that a grid has none: stride always 1, one grey image."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.combined import is_valid, make_case
from layercheck.cases.space import Row, space_of
from layercheck.cases.text import is_default
from ref_layers import OPS

from .profiles.factors import MOST
from .profiles.target import Takes, kind_of

TRIES = 4000
"""How many combinations are tried at most."""

BEYOND = 5
"""How far a fresh size may be beyond the largest level."""


def expressible(
    op_name: str,
    takes: Takes,
    count: int,
    wanted: Callable[[Case], bool] = lambda case: True,
    seed: int = 20260101,
    away: Sequence[str] = (),
    any_size: bool = False,
    settled: Mapping[str, Sequence[Any]] | None = None,
    tries: int = TRIES,
) -> list[Case]:
    """So many cases that a signature can express, always the same; fewer if there are hardly any.

    wanted: what else a case has to be · away: attributes that are not to have their default ·
    any_size: whether sizes are drawn that no grid has · settled: the only values of some factors ·
    tries: how many combinations are tried at most. The fill `wide` is left out, as in the quick
    grid.
    """
    factors = narrowed(op_name, takes)
    factors |= every_size(op_name, factors) if any_size else {}
    for name, only in (settled or {}).items():
        factors[name] = [value for value in factors.get(name, ()) if value in only]
    for name in away:
        usual = OPS[op_name].attributes[name]
        factors[name] = [v for v in factors.get(name, ()) if not is_default(v, usual)]
    if count <= 0 or not all(factors.values()):
        return []
    cases = _cases(op_name, takes, factors, np.random.RandomState(seed), tries)
    return list(islice(filter(wanted, cases), count))


def _cases(
    op_name: str,
    takes: Takes,
    factors: Mapping[str, Sequence[Any]],
    rs: np.random.RandomState,
    tries: int,
) -> Iterator[Case]:
    op = OPS[op_name]
    for seed in range(tries):
        row = {name: values[rs.randint(len(values))] for name, values in factors.items()}
        row.update(square_kernel(takes, row))
        row.update(multiples(takes, row, rs))
        if is_valid(op, row, by_levels=not takes.sizes):
            case = make_case(op, row, seed)
            if not takes.refuses(case.shapes, case.all_attributes, case.needs):
                yield case


def narrowed(op_name: str, takes: Takes) -> dict[str, Sequence[Any]]:
    """The op's factors without the values that the signature refuses by themselves."""
    op = OPS[op_name]
    factors: dict[str, Sequence[Any]] = dict(space_of(op_name).factors)
    factors["fill"] = [fill for fill in factors["fill"] if fill != "wide"]
    factors.update({n: [v] for n, v in takes.fixed.items() if n in op.attributes})
    factors.update({symbol: [size] for symbol, size in takes.sizes.items()})
    for name in op.attributes:
        forms = ("int",) if name in takes.integer else takes.kinds.get(name)
        if forms is not None and name in factors:
            factors[name] = [v for v in factors[name] if kind_of(v) in forms] or factors[name]
    for names, present in ((takes.required, True), (takes.absent, False)):
        factors.update({name: [present] for name in names})
    if None in factors.get("L", ()) and len(takes.shapes.get("x", (0, 0, 0))) == 2:
        factors["L"] = [None]
    return factors


def every_size(op_name: str, factors: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[int]]:
    """For each symbol of a shape all sizes, to somewhat above the largest level."""
    op = OPS[op_name]
    symbols = {s for t in op.inputs.values() for symbol in t.symbols for s in symbol.split("*")}
    return {
        name: range(min(2, *levels), max(levels) + BEYOND)
        for name, levels in factors.items()
        if name in symbols - op.attributes.keys() and None not in levels
    }


def multiples(takes: Takes, row: Row, rs: np.random.RandomState) -> Row:
    """Sizes that are multiples of the image's, where the signature takes no other."""
    found = {}
    for name, forms in takes.factors.items():
        height, width = rs.randint(1, MOST + 1, size=2).tolist()
        found[name] = (row["H"] * height, row["W"] * (width if "pair" in forms else height))
    return found


def square_kernel(takes: Takes, row: Row) -> Row:
    """A square kernel where the signature takes no other."""
    return {"KW": row["KH"]} if takes.square and "KH" in row else {}
