"""Cases for a signature so narrow that a grid has none: stride always 1, one grey image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ref_layers import OPS

from .case import Case
from .grids import Levels, is_valid, make_case, space_of
from .profiles.profile import Target, kind_of

TRIES = 4000


def expressible(target: Target, count: int, seed: int = 20260101) -> list[Case]:
    """So many cases that the target's functions can be asked, always the same; fewer if there are
    hardly any. The fill `wide` is left out, as in the quick grid."""
    return list(islice(_cases(target, np.random.RandomState(seed)), count))


def _cases(target: Target, rs: np.random.RandomState) -> Iterator[Case]:
    op, space = OPS[target.op], narrowed(target)
    for seed in range(TRIES):
        row = {name: values[rs.randint(len(values))] for name, values in space.items()}
        row.update(square_kernel(target, row))
        if is_valid(op, row):
            case = make_case(op, row, seed)
            if not target.refuses(case.shapes, case.all_attributes):
                yield case


def narrowed(target: Target) -> dict[str, Sequence[Any]]:
    """The op's levels without those that the target refuses by themselves."""
    op = OPS[target.op]
    space: dict[str, Sequence[Any]] = {**space_of(op)}
    space["fill"] = [fill for fill in space["fill"] if fill != "wide"]
    space.update({n: [v] for n, v in target.fixed.items() if n in op.attributes})
    for name in op.attributes:
        forms = ("int",) if name in target.integer else target.kinds.get(name)
        if forms is not None and name in space:
            space[name] = [v for v in space[name] if kind_of(v) in forms] or space[name]
    for names, present in ((target.required, True), (target.absent, False)):
        space.update({name: [present] for name in names})
    if None in space.get("L", ()) and len(target.shapes.get("x", (0, 0, 0))) == 2:
        space["L"] = [None]
    return space


def square_kernel(target: Target, row: Levels) -> Levels:
    return {"KW": row["KH"]} if target.square and "KH" in row else {}
