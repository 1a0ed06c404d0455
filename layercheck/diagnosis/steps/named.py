"""A named mistake: one layer of `layercheck/mistakes/` that gives the function's very numbers."""

from __future__ import annotations

from layercheck.reporting.records import Diagnosis

from ..apart import told_apart
from ..candidates import by_convention, candidates, in_float64
from ..evidence import Evidence
from ..survivors import survivors
from ..wording import of_mistakes

RANK = 20
LEAST = "diagnosis"


def explain(evidence: Evidence) -> Diagnosis | None:
    """The mistakes that explain every case that was seen, failing and passing alike."""
    for every in (candidates, by_convention, in_float64):
        found = told_apart(survivors(every(evidence), evidence), evidence)
        if found:
            return of_mistakes(found, evidence)
    return None
