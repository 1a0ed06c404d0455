"""What may set failing cases apart: conditions on attributes and shapes, and what values hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.separate import LAST, conditions, in_order
from layercheck.cases.where import names_of

from .contents import contents
from .limits import Limit, between, measured_limit, named_limit
from .measures import MEASURES
from .sizes import has_square_rows, parity
from .windows import (
    gaps,
    is_higher,
    is_oblong,
    is_wider,
    kernel,
    overlaps,
    padded,
    remainder,
    strides,
    uneven,
    uneven_at,
)

Names = dict[str, Any]
Holds = Callable[[Names], bool]

OWN = ("case", "fill", "spread", "exp_range")
"""What is no name of a condition, or says in a word of ours what another one says."""

SIZES = ("H", "W", "KH", "KW", "OH", "OW", "C", "F", "N", "D", "M", "L")
"""Sizes that are held against each other."""

LEAST_TELLING = 5
"""The rank of what is told alone only."""

OVERLAP = "stride < kernel and there are several windows, so that they overlap"
"""What is asked of an op with windows."""

SIGNED = re.compile(r"(\w+) ([<>]) \S+")
"""A condition that has a number."""


@dataclass(frozen=True)
class Predicate:
    """text: a sentence's end · holds: at a case's names · rank: the lowest is simplest · is_exact:
    whether every case where it holds fails · name: the attribute or size that it is on · of: all
    that it is on; empty of what the arrays hold · limits: the numbers that it has · halves: the two
    that have to hold together."""

    text: str
    holds: Callable[[Names], bool]
    rank: int = 0
    is_exact: bool = True
    name: str = ""
    of: tuple[str, ...] = ()
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


GROUPS = ("groups", "num_groups")
"""What ops call how many groups their channels make."""

WINDOWS = ("stride", "padding", "KH", "KW", "kernel_size", "H", "W")
"""What decides where windows lie."""


def geometry() -> list[Predicate]:
    """Conditions on several sizes together, by what they mean."""

    def on(
        text: str, holds: Callable[[Names], bool], of: Sequence[str], rank: int = 1
    ) -> Predicate:
        return Predicate(text, holds, rank, of=tuple(of))

    rest = "(size + 2 * padding - kernel) % stride != 0, in height or width"
    unequal = "padding is not the same at"
    return [
        on(OVERLAP, overlaps, WINDOWS),
        on("stride > kernel, so that windows leave gaps", gaps, WINDOWS),
        *(
            on(f"stride {sign} kernel {side}", beside(place, sign), WINDOWS)
            for place, side in enumerate(("height", "width"))
            for sign in "<>"
        ),
        on(rest, remainder, WINDOWS),
        on("kernel height != kernel width", is_oblong, WINDOWS[2:5]),
        on("the kernel is larger than 1x1", lambda n: max(kernel(n)) > 1, WINDOWS[2:5], 2),
        on("the kernel is 1x1", lambda n: max(kernel(n)) == 1, WINDOWS[2:5], 2),
        on("x has as many rows as columns", has_square_rows, ("N", "D", "C"), 3),
        on("images have more than one pixel", lambda n: n["H"] * n["W"] > 1, ("H", "W"), 2),
        *(on(f"1 < {name} < C", some_groups(name), (name, "C")) for name in GROUPS),
        *(on(f"{name} == C", as_many_as_channels(name), (name, "C"), 2) for name in GROUPS),
        on("padding > H", lambda n: n["padding_h"] > n["H"], ("padding", "H"), 2),
        on("padding > W", lambda n: n["padding_w"] > n["W"], ("padding", "W"), 2),
        on(f"{unequal} both ends of an axis", uneven, ("padding",)),
        *(
            on(f"{name} is not the same in height and width", unlike(name), (name,))
            for name in ("stride", "padding", "dilation", "output_padding")
        ),
        on(f"{unequal} left and right", lambda n: uneven_at(n, -1), ("padding",)),
        on(f"{unequal} top and bottom", lambda n: uneven_at(n, 0), ("padding",)),
        on("padding is not 0", lambda n: padded(n) is True, ("padding",)),
        on("padding is 0", lambda n: padded(n) is False, ("padding",)),
        on("padding is not 1", lambda n: n["padding"] != 1, ("padding",), 2),
    ]


def some_groups(name: str) -> Callable[[Names], bool]:
    """Whether there are several groups of several channels each; raises KeyError where an op has
    none."""
    return lambda names: bool(1 < names[name] < names["C"])


def as_many_as_channels(name: str) -> Callable[[Names], bool]:
    """Whether an attribute is C: one channel in each group; raises KeyError where it is not
    there."""
    return lambda names: bool(names[name] == names["C"])


def kernels() -> Iterator[Predicate]:
    """How a kernel's sides stand to each other."""
    tests = {"==": lambda n: not is_oblong(n), ">": is_higher, "<": is_wider}
    for sign, test in tests.items():
        yield Predicate(f"kernel height {sign} kernel width", test, 2, of=WINDOWS[2:5])


def parities() -> Iterator[Predicate]:
    """Whether a size is even or odd."""
    for name in SIZES:
        for left, word in enumerate(("even", "odd")):
            yield Predicate(f"{name} is {word}", parity(name, left), 4, of=(name,))


def beside(place: int, sign: str) -> Callable[[Names], bool]:
    """Whether the step along one side is smaller, or larger, than the kernel's."""

    def holds(names: Names) -> bool:
        step, side = strides(names)[place], kernel(names)[place]
        return step > side if sign == ">" else step < side

    return holds


def unlike(name: str) -> Callable[[Names], bool]:
    """Whether an attribute's two sides differ; raises KeyError where it has none."""
    return lambda names: names[f"{name}_h"] != names[f"{name}_w"]


def values(inside: Sequence[Names], outside: Sequence[Names]) -> Iterator[Predicate]:
    """Conditions on what the arrays hold, and on how far the numbers of x reach."""
    for text in sorted({text for names in inside for text in contents(names["case"])}):
        yield Predicate(text, lambda n, text=text: text in contents(n["case"]), 2)  # type: ignore[misc]
    for measure in MEASURES:
        found = measured_limit(measure, inside, outside)
        if found is not None:
            yield Predicate(found.text, found.holds, 2, limits=(found,))
    yield Predicate("x holds numbers that are not whole", lambda n: not is_whole(n), LEAST_TELLING)


def is_whole(names: Names) -> bool:
    """Whether every number is a whole one."""
    x = names["case"].inputs["x"]
    return bool((x == np.floor(x)).all())


def predicates(inside: Sequence[Names], outside: Sequence[Names]) -> Iterator[Predicate]:
    """Those that hold in all the first, simple ones first."""
    simple = [*by_name(inside, outside), *geometry(), *kernels(), *parities()]
    simple += values(inside, outside)
    yield from sorted((p for p in simple if all(safe(p, n) for n in inside)), key=lambda p: p.rank)


def by_name(inside: Sequence[Names], outside: Sequence[Names]) -> Iterator[Predicate]:
    """Conditions on one name, or on two sizes, with the values that the cases have."""
    every = [*inside, *outside]
    shared = [n for n in inside[0] if n not in OWN and all(n in names for names in every)]
    for name in in_order(shared, inside[0]["case"]):
        yes, no = [n[name] for n in inside], [n[name] for n in outside]
        for text, test in conditions(name, yes, no):
            rank, sign = rank_of(name, text), SIGNED.fullmatch(text)
            limit = None if sign is None else named_limit(name, sign[2], yes, no)
            if limit is None:
                told = in_words(text, name in inside[0]["case"].spec.inputs)
                yield Predicate(told, test, rank, name=name, of=(name,))
            else:
                limits = (limit,)
                yield Predicate(limit.text, limit.holds, rank, True, name, (name,), limits)
    sizes = [n for n in SIZES if n in shared]
    for a, b in combinations(sizes, 2):
        yield Predicate(f"{a} == {b}", lambda n, a=a, b=b: n[a] == n[b], 2, of=(a, b))  # type: ignore[misc]
        yield Predicate(f"{a} != {b}", lambda n, a=a, b=b: n[a] != n[b], 2, of=(a, b))  # type: ignore[misc]
        yield Predicate(f"{a} > {b}", lambda n, a=a, b=b: n[a] > n[b], 3, of=(a, b))  # type: ignore[misc]
        yield Predicate(f"{a} < {b}", lambda n, a=a, b=b: n[a] < n[b], 3, of=(a, b))  # type: ignore[misc]


def in_words(text: str, of_array: bool = False) -> str:
    """`b is given` for `b is not none`, and of an array for `b == true`.

    >>> in_words("b is none"), in_words("b is not none"), in_words("training == true")
    ('b is not given', 'b is given', 'training == true')
    >>> in_words("gamma == false", of_array=True)
    'gamma is not given'
    """
    if of_array:
        text = re.sub(r" == true$", " is not none", re.sub(r" == false$", " is none", text))
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


def both(
    one: Predicate, other: Predicate, inside: Sequence[Names] = (), outside: Sequence[Names] = ()
) -> Predicate:
    """Two together, each with its number as the cases have it where the other holds; `N == 4` for
    `N > 3 and N < 5`."""
    if outside and not set(one.of) & set(other.of):
        one = refitted(one, inside, [names for names in outside if safe(other, names)])
        other = refitted(other, inside, [names for names in outside if safe(one, names)])

    def holds(names: Names) -> bool:
        return safe(one, names) and safe(other, names)

    limits = (*one.limits, *other.limits)
    return Predicate(together(one, other), holds, 4, limits=limits, halves=(one, other))


def refitted(part: Predicate, inside: Sequence[Names], outside: Sequence[Names]) -> Predicate:
    """A part with its limit between these cases alone, where it has one and they tell."""
    if len(part.limits) != 1:
        return part
    (limit,) = part.limits
    yes, no = ([limit.of(names) for names in side] for side in (inside, outside))
    known = [value for value in no if value is not None]
    if None in yes or not known:
        return part
    found = between(limit.key, limit.words, limit.of, limit.cases, yes, known, limit.is_above)
    return (
        part
        if found is None
        else replace(part, text=found.text, holds=found.holds, limits=(found,))
    )


def together(one: Predicate, other: Predicate) -> str:
    """The text of two."""
    limits = (*one.limits, *other.limits)
    alike = len(one.limits) == len(other.limits) == 1 and limits[0].key == limits[1].key
    if alike and all(p.is_found for p in limits):
        low, high = sorted(limits, key=lambda limit: not limit.is_above)
        if low.is_above and not high.is_above and low.is_whole and high.is_whole:
            if high.value - low.value == 2:
                return f"{low.key} == {int(low.value) + 1}"
            return f"{int(low.value)} < {low.key} < {int(high.value)}"
    return f"{one.text} and {other.text}"
