"""The cases that are a little simpler than a case: what `smallest` tries, the boldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations
from math import prod
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.combined import make_case
from layercheck.cases.row import row_of
from layercheck.cases.space import Row
from ref_layers.op import REQUIRED, is_size

SMALL_FILLS = ("whole_numbers", "ties", "integers")
"""Fills that a person can compute with, the easiest first."""

SEEDS = 4
"""How many draws of each are tried."""

ATTRIBUTE = 4
"""An attribute that need not be there misleads more than a few numbers."""

SIZES = 16
"""Up to which size every smaller one is tried; of larger ones, by halving the way."""

Change = dict[str, Any]


def effort(case: Case) -> float:
    """How much a person has to follow: each number given and each of the output is one, each
    attribute that is not at its default `ATTRIBUTE` and what its value asks. What is simpler has
    less."""
    told = case.attributes.values()
    numbers = case.elements + prod(case.out_shape)
    return numbers + ATTRIBUTE * len(told) + sum(map(size_of, told))


def size_of(value: Any) -> float:
    """How much an attribute's value asks to be kept in mind.

    >>> size_of(2), size_of((1, 2)), size_of("same"), size_of(False)
    (2.0, 4.0, 4.0, 0.0)
    """
    if isinstance(value, str):
        return float(len(value))
    if isinstance(value, Sequence):
        return 1 + sum(map(size_of, value))
    return float(abs(value or 0))


def is_askable(case: Case) -> bool:
    """Whether the layer takes the case and gives it an output."""
    try:
        return 0 not in case.out_shape and bool(case.question)
    except (ValueError, TypeError, IndexError, ZeroDivisionError):
        return False


def changed(
    case: Case, change: Change, is_wanted: Callable[[Case], bool] = lambda made: True
) -> Case | None:
    """The case with other sizes, attributes or optional inputs; None where that is no case, or none
    that is wanted."""
    try:
        made = make_case(case.spec, {**row_of(case), **change}, case.seed)
        return made if is_wanted(made) and is_askable(made) else None
    except (ValueError, TypeError, ZeroDivisionError):
        return None


def simpler(case: Case) -> Iterator[Case]:
    """Cases with less to look at, by one change each; then by two, where one alone fits nothing."""
    row = row_of(case)
    ones = chain(without_inputs(case), fewer(case, row), plainer(case, row))
    for change in chain(ones, together(row, case)):
        made = changed(case, change)
        if made is not None and effort(made) < effort(case):
            yield made


def neighbours(case: Case) -> Iterator[Case]:
    """The same, then with other values where they are easy ones: of few numbers none may be
    negative."""
    yield from simpler(case)
    if case.fill in SMALL_FILLS:
        others = [seed for seed in range(SEEDS) if seed != case.seed]
        yield from (replace(one, seed=seed) for one in simpler(case) for seed in others)


def without_inputs(case: Case) -> Iterator[Change]:
    """Without an optional input, or two that stand or fall together."""
    given = [name for name in case.spec.optional if name in case.shapes]
    yield from ({name: False} for name in given)
    yield from (dict.fromkeys(two, False) for two in combinations(given, 2))


def symbols(case: Case, row: Row) -> list[str]:
    """The sizes that a case has."""
    known = [n for n in row if n not in case.spec.attributes and n not in case.spec.inputs]
    return [name for name in known if is_size(row[name]) and row[name] > 1]


def sizes_of(row: Change, case: Case) -> list[str]:
    """The names of its sizes."""
    told = {*case.spec.attributes, *case.spec.optional, "dtype", "fill"}
    return [name for name, value in row.items() if name not in told and is_size(value)]


def fewer(case: Case, row: Row) -> Iterator[Change]:
    """One size less: as small as can be, or by one."""
    for name in symbols(case, row):
        yield from ({name: size} for size in sizes_below(row[name]))


def sizes_below(size: int) -> list[int]:
    """Smaller sizes, the smallest first: all of a few, else the first, and ever closer ones.

    >>> sizes_below(4), sizes_below(40)[12:]
    ([1, 2, 3], [13, 14, 15, 16, 20, 30, 35, 38, 39])
    """
    closer = {size - (size >> halved) for halved in range(1, size.bit_length() + 1)}
    return sorted({*range(1, min(size, SIZES + 1)), *(closer - {size})})


def plainer(case: Case, row: Row) -> Iterator[Change]:
    """One attribute at its default, or by a plainer value."""
    for name, default in case.spec.attributes.items():
        value = row[name]
        if default is not REQUIRED and value != default:
            yield {name: default}
        yield from ({name: plain} for plain in plainer_values(value))


def plainer_values(value: Any) -> Iterator[Any]:
    """Values that say less: an int for a pair, a smaller number.

    >>> list(plainer_values((1, 2)))
    [1, 2, (0, 2), (1, 0), (1, 1)]
    """
    if is_size(value):
        yield from range(min(1, value), value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        numbers = value if all(map(is_size, value)) else ()
        yield from dict.fromkeys(numbers or (n for side in value for n in side))
        for place, part in enumerate(value):
            smaller = range(part) if is_size(part) else plainer_values(part)
            for less in smaller:
                if is_size(less) == is_size(part):
                    yield (*value[:place], less, *value[place + 1 :])


def together(row: Row, case: Case) -> Iterator[Change]:
    """Two numbers less by one, or an attribute plainer and a size less by one: a window goes with
    its image."""
    sizes = [{name: row[name] - 1} for name in symbols(case, row)]
    plain = list(plainer(case, row))
    for one, other in chain(combinations(sizes, 2), ((a, b) for a in plain for b in sizes)):
        yield {**one, **other}


def easier_values(case: Case) -> Iterator[Case]:
    """The same with values that are easier to compute with."""
    own = SMALL_FILLS.index(case.fill) if case.fill in SMALL_FILLS else len(SMALL_FILLS)
    for fill in SMALL_FILLS[:own]:
        for seed in range(SEEDS):
            made = replace(case, fill=fill, seed=seed)
            if is_askable(made):
                yield made
