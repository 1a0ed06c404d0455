"""A named mistake: one layer of `layercheck/mistakes/` that gives the function's very numbers."""

from __future__ import annotations

from layercheck.reporting.records import Diagnosis

from ..apart import told_apart
from ..candidates import candidates
from ..evidence import Evidence
from ..survivors import survivors
from ..wording import of_mistakes

RANK = 20
LEAST = "diagnosis"


def explain(evidence: Evidence) -> Diagnosis | None:
    """The mistakes that explain every case that was seen, failing and passing alike."""
    found = told_apart(survivors(candidates(evidence), evidence), evidence)
    return of_mistakes(found, evidence) if found else None
