"""What may set failing cases apart: conditions on attributes and shapes, and what values hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.separate import LAST, SIZES, between_sizes, conditions, in_order
from layercheck.cases.where import names_of

Names = dict[str, Any]

OWN = ("case", "exp_range")
"""What is no name of a condition, or says the same as another one."""

LEAST_TELLING = 5
"""The rank of what is told alone only."""


@dataclass(frozen=True)
class Predicate:
    """text: in the words of --where, or as a sentence's end · holds: at a case's names · rank: the
    lowest is simplest · is_exact: whether every case where it holds fails."""

    text: str
    holds: Callable[[Names], bool]
    rank: int = 0
    is_exact: bool = True


def names_at(case: Case) -> Names:
    """Everything that a predicate may ask about a case."""
    return {**_names(case), "case": case}


@lru_cache(maxsize=4096)
def _names(case: Case) -> Names:
    return names_of(case)


def geometry() -> list[Predicate]:
    """Conditions on several sizes together, by what they mean."""
    return [
        Predicate("stride < kernel, so that windows overlap", overlaps, 1),
        Predicate("stride > kernel, so that windows leave gaps", gaps, 1),
        Predicate("(size + 2 * padding - kernel) % stride != 0, in height or width", remainder, 1),
        Predicate("kernel height != kernel width", lambda n: unlike(n, *kernel(n)), 1),
        Predicate("1 < groups < C", lambda n: 1 < n["groups"] < n["C"], 1),
        Predicate("1 < num_groups < C", lambda n: 1 < n["num_groups"] < n["C"], 1),
        Predicate("padding is not the same on both sides", uneven, 1),
        Predicate("padding is not 0", lambda n: padded(n) is True, 1),
        Predicate("padding is 0", lambda n: padded(n) is False, 1),
        Predicate("padding is not 1", lambda n: n["padding"] != 1, 2),
    ]


def values() -> list[Predicate]:
    """Conditions on what the arrays hold."""
    return [
        Predicate("some numbers of x are 0", lambda n: bool((x_of(n) == 0).any()), 2),
        Predicate("some numbers of x are equal", has_equals, 2),
        Predicate("every number of x is negative", lambda n: bool((x_of(n) < 0).all()), 2),
        Predicate("x holds numbers beyond 80", lambda n: bool((np.abs(x_of(n)) > 80).any()), 2),
        Predicate("the mean of x is far beyond its spread", is_offset, 2),
        Predicate("the variance of x is small", is_narrow, 2),
        Predicate("x holds numbers that are not whole", lambda n: not is_whole(n), LEAST_TELLING),
        Predicate("some numbers of x are infinite, or none", lambda n: not is_finite(n), 2),
    ]


def kernel(names: Names) -> tuple[int, int]:
    """Its two sides, as the op calls them; raises KeyError where there is none."""
    if "KH" in names:
        return names["KH"], names["KW"]
    return names["kernel_size_h"], names["kernel_size_w"]


def strides(names: Names) -> tuple[int, int]:
    """The step in both directions; a pool's is its kernel by default."""
    if "stride_h" in names:
        return names["stride_h"], names["stride_w"]
    return kernel(names)


def overlaps(names: Names) -> bool:
    """Whether windows share pixels."""
    sides = zip(strides(names), kernel(names), (names["OH"], names["OW"]), strict=True)
    return any(s < k and count > 1 for s, k, count in sides)


def gaps(names: Names) -> bool:
    """Whether pixels lie between windows."""
    return any(s > k for s, k in zip(strides(names), kernel(names), strict=True))


def remainder(names: Names) -> bool:
    """Whether the last window does not reach the edge."""
    both = names.get("padding", 0)
    pads = (names["padding_h"], names["padding_w"]) if "padding_h" in names else (both, both)
    sizes = (names["H"], names["W"])
    steps = zip(sizes, pads, kernel(names), strides(names), strict=True)
    return any((n + 2 * p - k) % s != 0 for n, p, k, s in steps)


def unlike(names: Names, first: int, second: int) -> bool:
    """Whether two sizes differ."""
    return first != second


def uneven(names: Names) -> bool:
    """Whether padding is given side by side, and not alike; raises TypeError for a word."""
    sides = names["padding"]
    pairs = [s for s in sides if isinstance(s, tuple)] if isinstance(sides, tuple) else []
    return any(len(set(pair)) > 1 for pair in pairs)


def padded(names: Names) -> bool | None:
    """Whether there is any padding; None where a word says it."""
    padding = names["padding"]
    if isinstance(padding, str):
        return None
    return bool(np.asarray(padding).any())


def x_of(names: Names) -> Any:
    """The case's x, in float64."""
    return names["case"].inputs["x"].astype(np.float64)


def has_equals(names: Names) -> bool:
    """Whether two neighbours or more are the same number."""
    x = x_of(names)
    return bool(len(np.unique(x)) < x.size)


def is_offset(names: Names) -> bool:
    """Whether all numbers are close to one that is not 0."""
    x = x_of(names)
    return bool(np.abs(x.mean()) > 8 * x.std() > 0)


def is_narrow(names: Names) -> bool:
    """Whether eps is no small part of the variance."""
    return bool(x_of(names).std() < 0.05)


def is_whole(names: Names) -> bool:
    """Whether every number is a whole one."""
    x = x_of(names)
    return bool((x == np.floor(x)).all())


def is_finite(names: Names) -> bool:
    """Whether every number is finite."""
    return bool(np.isfinite(x_of(names)).all())


def predicates(inside: Sequence[Names], outside: Sequence[Names]) -> Iterator[Predicate]:
    """Those that hold in all the first, simple ones first."""
    simple = [*by_name(inside, outside), *geometry(), *values()]
    yield from sorted((p for p in simple if all(safe(p, n) for n in inside)), key=lambda p: p.rank)


def by_name(inside: Sequence[Names], outside: Sequence[Names]) -> Iterator[Predicate]:
    """Conditions on one name, or on two sizes, with the values that the cases have."""
    every = [*inside, *outside]
    shared = [n for n in inside[0] if n not in OWN and all(n in names for names in every)]
    for name in in_order(shared, inside[0]["case"]):
        for text, test in conditions(name, [n[name] for n in inside], [n[name] for n in outside]):
            yield Predicate(text, test, rank_of(name, text))
    sizes = [n for n in SIZES if n in shared]
    for a, b in combinations(sizes, 2):
        yield from (Predicate(text, test, 2) for text, test in between_sizes(a, b))


def rank_of(name: str, text: str) -> int:
    """A single value that does not fail says little."""
    if " != " in text and not text.endswith((" 0", " 1")):
        return LEAST_TELLING
    if name.isupper() and " == " in text and not text.endswith((" 0", " 1")):
        return LEAST_TELLING
    return 3 if name in LAST or name.isupper() else 0


def safe(predicate: Predicate, names: Names) -> bool:
    """Whether it holds; not where it makes no sense."""
    try:
        return bool(predicate.holds(names))
    except (KeyError, TypeError, ValueError):
        return False
