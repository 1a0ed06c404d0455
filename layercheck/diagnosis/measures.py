"""How far the numbers of x reach: what a condition on values may have a limit for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from layercheck.cases.case import Case
from oracles.oracle import Array

AROUND = (0, -3, -2, -1, 1, 2, 3)
"""How far the numbers of a case lie from the one that their least or largest should be."""

SEEDS = 12
"""How many draws are looked at for one that has the number that is wanted."""


@dataclass(frozen=True)
class Measure:
    """words: a condition with a place for its limit · of: one number of x, or None · is_above:
    whether what is above the limit fails · signs: of the number that a case is made to hold ·
    of_all: whether it speaks of all numbers of x."""

    words: str
    of: Callable[[Array], float | None]
    is_above: bool
    signs: tuple[int, ...] = (1,)
    of_all: bool = False

    def at(self, case: Case) -> float | None:
        """Its value at a case; None where there is none, or x holds what is no number."""
        return reached(case)[MEASURES.index(self)]

    def cases(self, base: Case, value: float) -> Iterator[Case]:
        """The case with about this value, by the fill that puts a number among normal ones, or has
        all lie about it; the draw that comes nearest to it, for each sign."""
        for sign in self.signs:
            fills = [f"some:{rounded(sign * value)!r}"]
            if self.of_all:
                fills = [f"near:{rounded(value + step)!r}" for step in AROUND]
            drawn = [
                replace(base, fill=fill).with_seed(base.seed + step)
                for fill in fills
                for step in range(SEEDS)
            ]
            known = [
                (abs(found - value), one) for one in drawn if (found := self.at(one)) is not None
            ]
            if known:
                yield min(known, key=lambda pair: pair[0])[1]


def rounded(value: float) -> float:
    """A number of few digits, as it stands in a case's text."""
    return float(f"{value:.6g}")


def least(values: Array) -> float | None:
    """The least of some numbers; None of none."""
    return float(values.min()) if values.size else None


def most(values: Array) -> float | None:
    """The largest."""
    return float(values.max()) if values.size else None


def apart(x: Array) -> float | None:
    """The largest difference within a row; None where there is none."""
    widest = float(np.ptp(x, axis=-1).max()) if x.size and x.ndim else 0.0
    return widest or None


MEASURES = (
    Measure("x holds numbers above {}", most, True),
    Measure("x holds numbers below {}", least, False),
    Measure("x holds numbers of a size above {}", lambda x: most(np.abs(x)), True, (1, -1)),
    Measure("x holds positive numbers below {}", lambda x: least(x[x > 0]), False),
    Measure("x holds negative numbers above {}", lambda x: most(x[x < 0]), True),
    Measure(
        "x holds numbers other than 0 of a size below {}",
        lambda x: least(np.abs(x[x != 0])),
        False,
        (1, -1),
    ),
    Measure("no number of x is below {}", least, True, of_all=True),
    Measure("no number of x is above {}", most, False, of_all=True),
    Measure("numbers in one row of x lie more than {} apart", apart, True),
)


@lru_cache(maxsize=4096)
def reached(case: Case) -> tuple[float | None, ...]:
    """Every measure of a case."""
    x = case.inputs["x"].astype(np.float64)
    if not np.isfinite(x).all():
        return (None,) * len(MEASURES)
    return tuple(measure.of(x) for measure in MEASURES)
