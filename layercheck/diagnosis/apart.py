"""Further cases, drawn to confirm what was found and to tell several findings apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from layercheck.cases.case import Case

from .candidates import Candidate
from .evidence import Evidence
from .matching import explains, plain

ASKED = 4
"""How many further cases are put to the function, and how many more to tell two apart."""


def told_apart(found: Sequence[Candidate], evidence: Evidence) -> list[Candidate]:
    """Those that explain further cases too, and no fewer of those that were seen than others; what
    is left gives the same numbers in all of them."""
    left, telling = fullest(found, evidence), 0
    for number, case in enumerate(evidence.draws() if found else ()):
        if not left or telling == ASKED or (number >= ASKED and len(left) < 2):
            return left
        tells = any(differ(*pair, case) for pair in combinations(left, 2))
        telling += tells
        seen = evidence.ask_once(case) if tells or number < ASKED else None
        if seen is not None:
            left = [one for one in left if explains(one, evidence, seen)]
    return left


def fullest(found: Sequence[Candidate], evidence: Evidence) -> list[Candidate]:
    """Of several those that explain most of all that was seen."""
    if len(found) < 2:
        return list(found)
    counts = [sum(explains(one, evidence, seen) for seen in evidence.seen) for one in found]
    return [one for one, count in zip(found, counts, strict=True) if count == max(counts)]


def differ(one: Candidate, other: Candidate, case: Case) -> bool:
    """Whether two candidates give different numbers at a case."""
    try:
        question = case.question
    except ValueError:
        return False
    first, second = one.answer_question(question), other.answer_question(question)
    if first.failures.keys() != second.failures.keys() or first.changed != second.changed:
        return True
    return any(unlike(plain(first.arrays[n]), plain(second.arrays.get(n))) for n in first.arrays)


def unlike(first: object, second: object) -> bool:
    """Whether two arrays are not the same numbers, as far as half of their digits tell."""
    if not (isinstance(first, np.ndarray) and isinstance(second, np.ndarray)):
        return (first is None) is not (second is None)
    if first.shape != second.shape or first.dtype != second.dtype:
        return True
    if first.dtype.kind != "f":
        return not np.array_equal(first, second)
    half = float(np.sqrt(np.finfo(first.dtype).eps))
    return not np.allclose(first, second, rtol=half, atol=0, equal_nan=True)
