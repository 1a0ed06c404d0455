"""The wrong layers that explain what was seen: failing cases and passing ones."""

from __future__ import annotations

from collections.abc import Iterable

from layercheck.implementations.protocol import CHANGED_INPUTS
from ref_layers import OPS

from .candidates import Candidate
from .elements import shares_of
from .evidence import Evidence, Seen
from .matching import differs_from_truth, equal, explains, is_close, plain, same_kind

BY_AND_LARGE = 4
"""Of how many wrong elements one has to be wrong in a candidate, too: rounding scatters."""


def survivors(found: Iterable[Candidate], evidence: Evidence) -> list[Candidate]:
    """Those that give the function's answers in all the cases tried, and would fail as it does."""
    left = list(found)
    for seen in evidence.tried:
        left = [one for one in left if explains(one, evidence, seen)]
        if not left:
            return []
    return likeliest([one for one in left if is_to_blame(one, evidence)], evidence)


def likeliest(found: list[Candidate], evidence: Evidence) -> list[Candidate]:
    """Of a backward whose forward is wrong: what the forward's mistake does to it goes before a
    second mistake that does the same."""
    if "forward" in evidence.parts:
        return found
    shown = [s for s in evidence.tried if s.failing and s.array("out") is not None]
    whole = [one for one in found if all(equal(one, seen, "out") for seen in shown)]
    return whole or found


def is_to_blame(candidate: Candidate, evidence: Evidence) -> bool:
    """Whether the candidate is wrong in what fails: else anything right would explain it."""
    fails = any(fails_alike(candidate, seen) for seen in evidence.failing)
    return fails and errs_there(candidate, evidence)


def errs_there(candidate: Candidate, evidence: Evidence) -> bool:
    """Whether the elements that are wrong are by and large so in the candidate's arrays, too, and
    no others: one that loses its digits is as near to anything as to the function's numbers."""
    wrong = missed = alike = 0
    for seen in evidence.tried:
        for name in seen.truth.keys() & evidence.arrays(seen):
            mine, theirs = seen.array(name), plain(candidate.answer(seen).arrays.get(name))
            right = seen.truth[name]
            if mine is None or theirs is None or not mine.shape == theirs.shape == right.shape:
                continue
            limit = seen.facts.bounds[name].limit
            off, meant = (~(shares_of(value, right, limit) <= 1) for value in (mine, theirs))
            wrong, missed = wrong + int(off.sum()), missed + int(meant.sum())
            alike += int((off & meant).sum())
    return BY_AND_LARGE * alike >= max(wrong, missed)


def fails_alike(candidate: Candidate, seen: Seen) -> bool:
    """Whether the candidate is wrong in an array of the function's that fails, or overwrites what
    it overwrites."""
    changed = {name for names in candidate.answer(seen).changed.values() for name in names}
    return any(
        name in changed
        if why.startswith(CHANGED_INPUTS)
        else name in seen.truth
        and differs_from_truth(candidate, seen, name)
        and not (candidate.convention and is_as_right(candidate, seen, name))
        and not is_blank(candidate, seen, name)
        for name, why in seen.failing.items()
    )


def is_as_right(candidate: Candidate, seen: Seen, name: str) -> bool:
    """Whether an array is what the right layer gives by the same convention."""
    op = OPS[seen.case.op]
    right = Candidate((), op.forward, op.backward, candidate.view, candidate.convention)
    mine, theirs = (plain(one.answer(seen).arrays.get(name)) for one in (candidate, right))
    if mine is None or theirs is None or mine.shape != theirs.shape:
        return mine is theirs
    return same_kind(mine, theirs) and is_close(candidate, seen, name, mine, theirs)


def is_blank(candidate: Candidate, seen: Seen, name: str) -> bool:
    """Whether an array is 0 everywhere where chance decides what is 0: few numbers may all be."""
    if "mask" not in seen.case.spec.inputs:
        return False
    theirs, right = plain(candidate.answer(seen).arrays.get(name)), seen.truth[name]
    return theirs is not None and theirs.shape == right.shape and not theirs.any()
