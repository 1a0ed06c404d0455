"""The words of a diagnosis."""

from __future__ import annotations

from collections.abc import Sequence

from layercheck.mistakes import Mistake
from layercheck.reporting.records import Diagnosis

from .candidates import Candidate
from .evidence import Evidence


def of_mistakes(found: Sequence[Candidate], evidence: Evidence) -> Diagnosis:
    """Named mistakes that give the same numbers, all in one."""
    tried = evidence.tried
    failing = sum(bool(seen.failing) for seen in tried)
    arrays = dict.fromkeys(name for seen in tried for name in seen.failing if name)
    return Diagnosis(
        "mistake",
        " Or: ".join(dict.fromkeys(what(one) for one in found)),
        " ".join(dict.fromkeys(hint(m) for m in found[0].mistakes)) if len(found) == 1 else "",
        list(dict.fromkeys(one.name for one in found)),
        list(arrays),
        failing,
        len(tried) - failing,
        sum(1 for _ in evidence.drawn),
    )


def what(candidate: Candidate) -> str:
    """What is wrong, a sentence for each mistake."""
    return " And: ".join(f"{mistake.what}." for mistake in candidate.mistakes)


def hint(mistake: Mistake) -> str:
    """Where to look."""
    return mistake.text.removeprefix(mistake.what).lstrip(". ")
