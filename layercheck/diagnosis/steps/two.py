"""Two named mistakes at once, where none alone explains what was seen."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.mistakes import Mistake
from layercheck.reporting.records import Diagnosis

from ..apart import told_apart
from ..candidates import Candidate, candidates
from ..compose import pairs
from ..evidence import Evidence, Seen
from ..matching import differs_from_truth, is_far, plain
from ..survivors import survivors
from ..wording import of_mistakes
from .relation import explain_by_ratios

RANK = 30
LEAST = "diagnosis"


def explain(evidence: Evidence) -> Diagnosis | None:
    """The pairs that explain every case that was seen; a single ratio that does goes before."""
    single = explain_by_ratios(evidence)
    if single is not None:
        return single
    found = told_apart(survivors(likely(evidence), evidence), evidence)
    return of_mistakes(one_order(found), evidence) if found else None


def likely(evidence: Evidence) -> Iterator[Candidate]:
    """Pairs of mistakes in what fails, that are roughly right at the first failing cases."""
    tried = [seen for seen in evidence.tried if seen.failing]
    failing = {name for seen in evidence.failing for name in seen.failing}
    found = [one.mistakes[0] for one in candidates(evidence) if touches(one, tried, failing)]
    for pair in pairs(found):
        if all(is_roughly(pair, seen, evidence) for seen in tried[:2]):
            yield pair


def touches(candidate: Candidate, tried: list[Seen], failing: set[str]) -> bool:
    """Whether a mistake changes something that fails; one of dx is not tried for db."""
    return any(
        differs_from_truth(candidate, seen, name)
        for seen in tried
        for name in failing
        if name in seen.truth
    )


def is_roughly(pair: Candidate, seen: Seen, evidence: Evidence) -> bool:
    """Whether a pair's arrays are near the function's: cheap, before bounds are derived."""
    theirs = pair.answer(seen)
    for name in evidence.arrays(seen):
        mine, other = seen.array(name), plain(theirs.arrays.get(name))
        if mine is None or other is None:
            if (mine is None) is not (other is None):
                return False
            continue
        if mine.shape != other.shape:
            return False
        if is_far(mine, other):
            return False
    return True


def one_order(found: list[Candidate]) -> list[Candidate]:
    """Each two mistakes once: often either may be made around the other."""
    by_name: dict[frozenset[Mistake], Candidate] = {}
    for one in found:
        by_name.setdefault(frozenset(one.mistakes), one)
    return list(by_name.values())
