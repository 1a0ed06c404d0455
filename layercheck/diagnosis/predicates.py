"""What may set failing cases apart: conditions on attributes and shapes, and what values hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.separate import LAST, conditions, in_order
from layercheck.cases.where import names_of

from .contents import contents
from .limits import Limit, measured_limit, named_limit
from .measures import MEASURES

Names = dict[str, Any]

OWN = ("case", "fill", "spread", "exp_range")
"""What is no name of a condition, or says in a word of ours what another one says."""

SIZES = ("H", "W", "KH", "KW", "OH", "OW", "C", "F", "N", "D", "M", "L")
"""Sizes that are held against each other."""

LEAST_TELLING = 5
"""The rank of what is told alone only."""

SIGNED = re.compile(r"(\w+) ([<>]) \S+")
"""A condition that has a number."""


@dataclass(frozen=True)
class Predicate:
    """text: a sentence's end · holds: at a case's names · rank: the lowest is simplest · is_exact:
    whether every case where it holds fails · limits: the numbers that it has · halves: the two that
    have to hold together."""

    text: str
    holds: Callable[[Names], bool]
    rank: int = 0
    is_exact: bool = True
    name: str = ""
    limits: tuple[Limit, ...] = ()
    halves: tuple[Predicate, ...] = ()

    @property
    def parts(self) -> tuple[Predicate, ...]:
        """Its halves; of a simple one itself."""
        return self.halves or (self,)


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


def values(inside: Sequence[Names], outside: Sequence[Names]) -> Iterator[Predicate]:
    """Conditions on what the arrays hold, and on how far the numbers of x reach."""
    for text in sorted({text for names in inside for text in contents(names["case"])}):
        yield Predicate(text, lambda n, text=text: text in contents(n["case"]), 2)  # type: ignore[misc]
    for measure in MEASURES:
        found = measured_limit(measure, inside, outside)
        if found is not None:
            yield Predicate(found.text, found.holds, 2, limits=(found,))
    yield Predicate("x holds numbers that are not whole", lambda n: not is_whole(n), LEAST_TELLING)


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


def is_whole(names: Names) -> bool:
    """Whether every number is a whole one."""
    x = names["case"].inputs["x"]
    return bool((x == np.floor(x)).all())


def predicates(inside: Sequence[Names], outside: Sequence[Names]) -> Iterator[Predicate]:
    """Those that hold in all the first, simple ones first."""
    simple = [*by_name(inside, outside), *geometry(), *values(inside, outside)]
    yield from sorted((p for p in simple if all(safe(p, n) for n in inside)), key=lambda p: p.rank)


def by_name(inside: Sequence[Names], outside: Sequence[Names]) -> Iterator[Predicate]:
    """Conditions on one name, or on two sizes, with the values that the cases have."""
    every = [*inside, *outside]
    shared = [n for n in inside[0] if n not in OWN and all(n in names for names in every)]
    for name in in_order(shared, inside[0]["case"]):
        yes, no = [n[name] for n in inside], [n[name] for n in outside]
        for text, test in conditions(name, yes, no):
            sign = SIGNED.fullmatch(text)
            limit = None if sign is None else named_limit(name, sign[2], yes, no)
            if limit is None:
                yield Predicate(in_words(text), test, rank_of(name, text), name=name)
            else:
                rank = rank_of(name, text)
                yield Predicate(limit.text, limit.holds, rank, name=name, limits=(limit,))
    sizes = [n for n in SIZES if n in shared]
    for a, b in combinations(sizes, 2):
        yield Predicate(f"{a} == {b}", lambda n, a=a, b=b: n[a] == n[b], 2)  # type: ignore[misc]
        yield Predicate(f"{a} != {b}", lambda n, a=a, b=b: n[a] != n[b], 2)  # type: ignore[misc]
        yield Predicate(f"{a} > {b}", lambda n, a=a, b=b: n[a] > n[b], 3)  # type: ignore[misc]
        yield Predicate(f"{a} < {b}", lambda n, a=a, b=b: n[a] < n[b], 3)  # type: ignore[misc]


def in_words(text: str) -> str:
    """`b is given` for `b is not none`.

    >>> in_words("b is none"), in_words("b is not none"), in_words("training == true")
    ('b is not given', 'b is given', 'training == true')
    """
    return re.sub(r" is none$", " is not given", re.sub(r" is not none$", " is given", text))


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


def both(one: Predicate, other: Predicate) -> Predicate:
    """Two together; `N == 4` for `N > 3 and N < 5`."""

    def holds(names: Names) -> bool:
        return safe(one, names) and safe(other, names)

    limits = (*one.limits, *other.limits)
    return Predicate(together(one, other), holds, 4, limits=limits, halves=(one, other))


def together(one: Predicate, other: Predicate) -> str:
    """The text of two."""
    limits = (*one.limits, *other.limits)
    if len(limits) == 2 and limits[0].key == limits[1].key and all(p.is_found for p in limits):
        low, high = sorted(limits, key=lambda limit: not limit.is_above)
        if low.is_above and not high.is_above and low.is_whole and high.is_whole:
            if high.value - low.value == 2:
                return f"{low.key} == {int(low.value) + 1}"
            return f"{int(low.value)} < {low.key} < {int(high.value)}"
    return f"{one.text} and {other.text}"
