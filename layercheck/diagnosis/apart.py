"""Further cases, drawn to confirm what was found and to tell several findings apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from layercheck.cases.case import Case

from .candidates import Candidate
from .evidence import Evidence
from .matching import explains, plain

ASKED = 4
"""How many further cases are put to the function, and how many more to tell two apart."""


def told_apart(found: Sequence[Candidate], evidence: Evidence) -> list[Candidate]:
    """Those that explain further cases too; what is left gives the same numbers in all of them."""
    left = list(found)
    for case in telling(left, evidence):
        if not left:
            return []
        if len(evidence.asked) >= ASKED and len(left) < 2:
            return left
        seen = evidence.ask_once(case)
        if seen is not None:
            left = [one for one in left if explains(one, evidence, seen)]
    return left


def telling(found: Sequence[Candidate], evidence: Evidence) -> Iterator[Case]:
    """Cases to ask: the first few in any case, then those where two of them differ."""
    asked = 0
    for number, case in enumerate(evidence.draws() if found else ()):
        if number < ASKED:
            yield case
        elif asked < ASKED and any(differ(*pair, case) for pair in combinations(found, 2)):
            asked += 1
            yield case


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
