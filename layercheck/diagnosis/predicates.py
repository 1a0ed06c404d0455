"""What may set failing cases apart: conditions on attributes and shapes, and what values hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.separate import LAST, conditions, in_order
from layercheck.cases.where import names_of

from .compared import compared
from .contents import contents
from .geometry import geometry
from .limits import between, measured_limit, named_limit
from .measures import MEASURES
from .predicate import Names, Predicate
from .sizes import parity

OWN = ("case", "fill", "spread", "exp_range")
"""What is no name of a condition, or says in a word of ours what another one says."""

SIZES = ("H", "W", "KH", "KW", "OH", "OW", "C", "F", "N", "D", "M", "L")
"""Sizes that are held against each other."""

LEAST_TELLING = 5
"""The rank of what is told alone only."""

SIGNED = re.compile(r"(\w+) ([<>]) \S+")
"""A condition that has a number."""


def names_at(case: Case) -> Names:
    """Everything that a predicate may ask about a case."""
    return {**_names(case), "case": case}


@lru_cache(maxsize=4096)
def _names(case: Case) -> Names:
    return names_of(case)


def parities() -> Iterator[Predicate]:
    """Whether a size is even or odd."""
    for name in SIZES:
        for left, word in enumerate(("even", "odd")):
            yield Predicate(f"{name} is {word}", parity(name, left), 4, of=(name,))


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
    of_sizes = [*geometry(), *compared(), *parities()]
    simple = [*by_name(inside, outside), *of_sizes, *values(inside, outside)]
    yield from sorted((p for p in simple if all(safe(p, n) for n in inside)), key=lambda p: p.rank)


def by_name(inside: Sequence[Names], outside: Sequence[Names]) -> Iterator[Predicate]:
    """Conditions on one name, or on two sizes, with the values that the cases have."""
    every = [*inside, *outside]
    shared = [n for n in inside[0] if n not in OWN and all(n in names for names in every)]
    shared = [n for n in shared if not is_one_of_one(n, every)]
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


def is_one_of_one(name: str, every: Sequence[Names]) -> bool:
    """Whether a side says what its attribute says: `dim_h` where none is a pair."""
    stem, _, side = name.rpartition("_")
    return side in ("h", "w") and all(names.get(stem) == names[name] for names in every)


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
    is_plain = text.endswith((" 0", " 1", " 0.0", " 1.0"))
    if " != " in text and not is_plain:
        return LEAST_TELLING
    if name.isupper() and " == " in text and not is_plain:
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
    if found is None:
        return part
    found = replace(found, of_all=limit.of_all)
    return replace(part, text=found.text, holds=found.holds, limits=(found,))


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
