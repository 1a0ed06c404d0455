"""A condition tried on drawn cases: narrowed until none under it is right, or of the case alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.draws import seeded
from layercheck.cases.row import row_of
from layercheck.cases.space import space_of
from layercheck.cases.where import condition, names_of

from .conditions import Fails, atoms
from .generators._drawing import SMALL, one
from .shrink import changed

DRAWN, TRIES, ROUNDS = 16, 600, 4
"""Cases asked in a round, draws of which they are, and how often a condition is narrowed."""

SHARE = 3
"""Of so many values of a case, one is drawn anew."""

LARGEST = 9
"""Sizes are drawn below it."""

SIDES = ("_h", "_w")
"""Names of one number of a pair."""

OTHERS = ("op", "dtype", "fill", "seed", "axes", "D")
"""Names of a condition that are no sizes and no attributes, or are made of sizes."""


def borne_out(case: Case, found: Sequence[str], fails: Fails) -> list[str]:
    """The condition that was found at a failing case, with what sets the case apart from drawn ones
    under it that are right; the case alone where nothing does, or where none was answered."""
    where, wrong, right, rs = list(found), [case], list[Case](), seeded(1)
    for _ in range(ROUNDS):
        asked = [(d, fails(d)) for d in islice(drawn(case, where, rs), DRAWN)]
        wrong += [d for d, told in asked if told]
        right += [d for d, told in asked if told is False]
        if len(wrong) + len(right) == 1:  # no answer but that of the case
            break
        if (found or right) and not under(where, right):  # what was found passes where it is not so
            return without_less(where)
        where = narrowed(case, where, wrong, right)
    return exact(case)


def drawn(case: Case, where: Sequence[str], rs: np.random.RandomState) -> Iterator[Case]:
    """Cases under a condition, each with some values of the first case and others anew."""
    row, levels, told = row_of(case), space_of(case.op).levels, {str(case)}
    for _ in range(TRIES):
        names = [name for name in row if name in levels and rs.randint(0, SHARE) == 0]
        made = changed(case, {name: value_of(name, levels[name], row, rs) for name in names})
        if made is None or (has_none(made) and not has_none(case)):  # no numbers, none wrong
            continue
        if str(made) not in told and under(where, [made]):
            told.add(str(made))
            yield made.with_seed(int(rs.randint(0, 1 << 16)))


def has_none(case: Case) -> bool:
    """Whether an array of a case has no elements."""
    return any(0 in shape for shape in case.shapes.values())


def value_of(
    name: str, level: Sequence[Any], row: dict[str, Any], rs: np.random.RandomState
) -> Any:
    """Another value of one name; a fill stays, or is the usual one."""
    if name == "fill":
        return one(rs, (row[name], "normal"))
    if name in SMALL and rs.randint(0, 4):
        return int(rs.randint(0, LARGEST))
    return one(rs, tuple(level))


def under(where: Sequence[str], cases: Sequence[Case]) -> list[Case]:
    """The cases for which a condition holds."""
    tests = [condition(text) for text in where]
    return [case for case in cases if all(test(case) for test in tests)]


def narrowed(
    case: Case, where: Sequence[str], wrong: Sequence[Case], right: Sequence[Case]
) -> list[str]:
    """The condition with more said of the case, until it holds for none of those that are right:
    at each step what leaves most of those that fail, then fewest of the others."""
    found, texts = list(where), list(dict.fromkeys([*(a.text for a in atoms(case)), *exact(case)]))
    while covered := under(found, right):
        held = under(found, wrong)
        ranked = [
            (len(under([text], held)), -len(under([text], covered)), -place, text)
            for place, text in enumerate(texts)
            if len(under([text], covered)) < len(covered)
        ]
        if not ranked:
            return found
        found.append(max(ranked)[3])
    return found


def exact(case: Case) -> list[str]:
    """All that there is to say of a case but for its values: sizes, attributes, arrays, dtype and
    fill."""
    names = names_of(case, frozenset())
    texts = [f"dtype == '{case.dtype}'", f"fill == '{case.fill}'"]
    texts += [name if name in case.shapes else f"not {name}" for name in case.spec.optional]
    for name, value in names.items():
        base = names.get(name[:-2]) if name.endswith(SIDES) else None
        if name in (*OTHERS, *case.spec.inputs) or isinstance(base, int):
            continue
        if isinstance(value, bool):
            texts.append(f"{name} == {str(value).lower()}")
        elif isinstance(value, (int, float)):
            texts.append(f"{name} == {value}")
        elif isinstance(value, str):
            texts.append(f"{name} == '{value}'")
    return [text for text in dict.fromkeys(texts) if condition(text)(case)]


def without_less(where: Sequence[str]) -> list[str]:
    """Without `W > 1` where `W == 4` is said."""
    named = {text.partition(" == ")[0] for text in where if " == " in text}
    return [text for text in where if text.partition(" > ")[0] not in named or " > " not in text]
