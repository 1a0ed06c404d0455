"""Whether a function answers what a wrong layer would: array by array, within rounding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from layercheck.implementations.protocol import Answer
from layercheck.judging.bounds import Bound
from layercheck.judging.close import are_within
from layercheck.judging.compare import fitted
from layercheck.judging.measure import Operand
from oracles.oracle import Array

from .candidates import Candidate
from .evidence import Evidence, Seen

ROUGH = 0.05
"""How far off, beside the largest number, is not worth a closer look."""

BOTH_ROUND = 2.0
"""How many bounds apart two answers may be that each have rounding of their own."""


def is_match(candidate: Candidate, seen: Seen, arrays: Sequence[str], parts: Iterable[str]) -> bool:
    """Whether the function's arrays are those of the candidate, and what else it did as well."""
    theirs = candidate.answer(seen)
    if any(how_it_failed(theirs, p) != how_it_failed(seen.answer, p) for p in parts):
        return False
    return all(equal(candidate, seen, name) for name in arrays)


def how_it_failed(answer: Answer, part: Any) -> tuple[Any, ...]:
    """The kind of a failure, and the inputs that were overwritten; overwriting dout is habit."""
    failure = answer.failures.get(part)
    changed = tuple(n for n in answer.changed.get(part, ()) if n != "dout")
    return failure.kind if failure else "", changed


def equal(candidate: Candidate, seen: Seen, name: str) -> bool:
    """Whether one array is the candidate's."""
    mine, theirs = seen.array(name), plain(candidate.answer(seen).arrays.get(name))
    if mine is None or theirs is None:
        return mine is None and theirs is None
    if mine.shape != theirs.shape or not same_kind(mine, theirs):
        return False
    return is_close(candidate, seen, name, mine, theirs)


def differs_from_truth(candidate: Candidate, seen: Seen, name: str) -> bool:
    """Whether the candidate's array is another one than the exact one, by more than the rounding of
    the right formula: what an unstable one loses is its own fault."""
    theirs, right = plain(candidate.answer(seen).arrays.get(name)), seen.truth.get(name)
    if theirs is None or right is None:
        return (theirs is None) is not (right is None)
    if theirs.shape != right.shape or theirs.dtype.kind != right.dtype.kind:
        return True
    if theirs.dtype.kind == "f" and theirs.dtype != np.dtype(seen.case.dtype):
        return True
    mine = right.astype(theirs.dtype)
    return is_far(mine, theirs) or not within(mine, theirs, seen.facts.bounds[name], seen)


def is_close(candidate: Candidate, seen: Seen, name: str, mine: Array, theirs: Array) -> bool:
    """Whether two arrays of one shape are as close as rounding leaves them: by the bound of the
    right array, and else by that of the candidate's own, which takes longer to derive."""
    if is_far(mine, theirs):
        return False
    own = seen.facts.bounds.get(name)
    if own is not None and own.likely.shape == theirs.shape and within(mine, theirs, own, seen):
        return True
    return within(mine, theirs, limit_of(candidate, seen, name, theirs), seen)


def is_far(mine: Array, theirs: Array) -> bool:
    """Whether two arrays differ by more than any rounding that could be borne: cheap to tell. What
    is not finite is so in both."""
    finite = np.isfinite(theirs)
    if not np.array_equal(finite, np.isfinite(mine)):
        return True
    room = ROUGH * float(np.max(np.abs(theirs), where=finite, initial=0.0))
    with np.errstate(all="ignore"):
        apart = np.abs(mine.astype(np.float64) - theirs) > room
    return bool((apart & finite).any())


def plain(value: Any) -> Array | None:
    """An array, or None for what is none."""
    return np.asarray(value) if isinstance(value, (np.ndarray, np.generic)) else None


def same_kind(mine: Array, theirs: Array) -> bool:
    """Whether two arrays hold numbers of one kind and precision."""
    if mine.dtype.kind != theirs.dtype.kind:
        return False
    return mine.dtype.kind != "f" or mine.dtype == theirs.dtype


def within(mine: Array, theirs: Array, bound: Bound, seen: Seen) -> bool:
    """Whether two arrays of one shape are as close as rounding leaves them."""
    if mine.size == 0:
        return True
    dtype = seen.case.dtype
    fitting = fitted(mine, theirs, dtype)
    if fitting is None:
        return False
    return are_within(Operand(fitting, theirs, bound, BOTH_ROUND, dtype, seen.facts.truth_error))


def limit_of(candidate: Candidate, seen: Seen, name: str, theirs: Array) -> Bound:
    """The bound of a candidate's array; where it cannot be derived, that of the right array, as
    much larger as the wrong one is."""
    found = candidate.bounds(seen).get(name)
    if found is not None and found.likely.shape == theirs.shape:
        return found
    own, right = seen.facts.bounds[name], seen.truth[name]
    more = max(1.0, largest(theirs) / (largest(right) or 1.0))
    likely, worst = (v * more for v in (own.likely, own.worst))
    if own.likely.shape != theirs.shape:
        likely, worst = (np.full(theirs.shape, largest(v)) for v in (likely, worst))
    return replace(own, likely=likely, worst=worst)


def largest(values: Array) -> float:
    """The largest finite size."""
    return float(np.max(np.abs(values), where=np.isfinite(values), initial=0.0))


def explains(candidate: Candidate, evidence: Evidence, seen: Seen) -> bool:
    """Whether a candidate gives all that the function gave at a case; and no wrong output where a
    backward is asked why it fails whose forward is right."""
    if not is_match(candidate, seen, evidence.arrays(seen), evidence.parts):
        return False
    alone = "forward" not in evidence.parts and is_right(seen, "out")
    return not (alone and differs_from_truth(candidate, seen, "out"))


def is_right(seen: Seen, name: str) -> bool:
    """Whether an array of the answer is the exact one, within rounding."""
    mine, right = seen.array(name), seen.truth.get(name)
    if mine is None or right is None or mine.shape != right.shape or is_far(mine, right):
        return False
    return within(mine, right, seen.facts.bounds[name], seen)
