"""The number in a sentence such as `for x cut off above 2`: held against cases that have numbers
just below and just above it, and against other numbers that fit as well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from layercheck.cases.case import Case

from .evidence import Evidence, Seen
from .limits import NEAR
from .relations import Strict, relations
from .relations.instead import is_right
from .relations.shown import Shown, shown_of

NUMBER = re.compile(r"(?<= )-?\d[\d.e+-]*")
BESIDE = (1 - NEAR, 1 + NEAR)
"""How many times the number those lie that are put into x: no further off than the two ends of a
limit whose number is told."""

BASES, DRAWN = 2, 16
"""How many cases are changed, and how many further ones asked."""

MOST = 4
"""How many numbers are held against each other."""


def strict_of(text: str, shown: Shown) -> Strict | None:
    """The relation that tells a sentence only where nothing speaks against it."""
    strict = (one for one in relations() if isinstance(one, Strict))
    return next((one for one in strict if one.says(shown, text)), None)


def stands(relation: Strict, text: str, seen: Seen, name: str) -> bool:
    """Whether a case is as a sentence says: if the array fails, in this way; if it passes, as it
    makes no difference there."""
    shown = shown_of(seen, name)
    if shown is None or name not in seen.judged | seen.failing.keys():
        return True
    with np.errstate(all="ignore"):
        if name in seen.failing and is_right(shown, shown.got):
            return True  # it is hardly off: that may be anything
        if name in seen.failing:
            return text in relation.true(replace(shown, wanted=frozenset({text})))
        return not relation.would_differ(shown, text)


def as_written(texts: Sequence[str], name: str, evidence: Evidence) -> str:
    """The first of the sentences, once no case speaks against it, nor for another number as well;
    nothing where there is none."""
    text, *others = texts
    shown = shown_of(evidence.failing[0], name)
    relation = None if shown is None else strict_of(text, shown)
    if relation is None:
        return text
    left = [text, *(one for one in others if shape(one) == shape(text))][:MOST]
    known = [*evidence.passing, *(seen for seen in evidence.asked.values() if seen is not None)]
    for seen in (*known, *asked(left, evidence)):
        left = [one for one in left if stands(relation, one, seen, name)]
        if not left:
            return ""
    return left[0] if len(left) == 1 else between(left)


def asked(texts: Sequence[str], evidence: Evidence) -> Iterator[Seen]:
    """Further cases."""
    for case in cases(texts, evidence):
        seen = evidence.ask_once(case)
        if seen is not None and not seen.silent:
            yield seen


def cases(texts: Sequence[str], evidence: Evidence) -> Iterator[Case]:
    """Failing ones with numbers beside those that are told, then any."""
    numbers = {abs(float(n)) for text in texts for n in NUMBER.findall(text)}
    signed = [sign * number for number in sorted(numbers) for sign in (1, -1)]
    for seen in evidence.failing[:BASES]:
        for number in (value * times for value in signed for times in BESIDE):
            yield replace(seen.case, dtype="float64", fill=f"some:{number:.6g}")
    yield from evidence.draws(DRAWN)


def shape(text: str) -> str:
    """A sentence without its numbers."""
    return NUMBER.sub("", text)


def between(texts: Sequence[str]) -> str:
    """A sentence of several that differ in their number, with what that lies between.

    >>> between(["margins below 0.3 counted as 0", "margins below 0.4 counted as 0"])
    'margins below a number from 0.3 to 0.4 counted as 0'
    """
    first, last = NUMBER.findall(texts[0])[0], NUMBER.findall(texts[-1])[0]
    return NUMBER.sub(f"a number from {first} to {last}", texts[0], count=1)
