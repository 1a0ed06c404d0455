"""The words of a diagnosis."""

from __future__ import annotations

from collections.abc import Sequence

from layercheck.mistakes import Mistake
from layercheck.reporting.records import Diagnosis
from ref_layers import OPS

from .candidates import Candidate
from .evidence import Evidence

FORWARD, THERE = "The forward's mistake shows in its gradient: ", "In the forward: "
"""Before what a backward owes to another function."""


def of_mistakes(found: Sequence[Candidate], evidence: Evidence) -> Diagnosis:
    """Named mistakes that give the same numbers, all in one."""
    tried = evidence.tried
    failing = sum(bool(seen.failing) for seen in tried)
    arrays = dict.fromkeys(name for seen in tried for name in seen.failing if name)
    return Diagnosis(
        "mistake",
        " Or: ".join(dict.fromkeys(what(one, evidence) for one in found)),
        hints(found[0], evidence) if len(found) == 1 else "",
        list(dict.fromkeys(one.name for one in found)),
        list(arrays),
        failing,
        len(tried) - failing,
        sum(1 for _ in evidence.drawn),
    )


def what(candidate: Candidate, evidence: Evidence) -> str:
    """What is wrong, a sentence for each mistake; of a backward that goes wrong by its forward,
    where that is."""
    return " And: ".join(
        f"{FORWARD}{m.what}." if is_elsewhere(m, evidence) else f"{m.what}."
        for m in candidate.mistakes
    )


def hints(candidate: Candidate, evidence: Evidence) -> str:
    """Where to look."""
    told = (
        f"{THERE}{hint(m)}" if hint(m) and is_elsewhere(m, evidence) else hint(m)
        for m in candidate.mistakes
    )
    return " ".join(dict.fromkeys(filter(None, told)))


def is_elsewhere(mistake: Mistake, evidence: Evidence) -> bool:
    """Whether it is the forward that makes a mistake, and another function is asked about."""
    op = OPS[mistake.op]
    return "forward" not in evidence.parts and mistake.backward is op.backward


def hint(mistake: Mistake) -> str:
    """Where to look."""
    return mistake.text.removeprefix(mistake.what).lstrip(". ")
