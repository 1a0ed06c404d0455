"""What fails only after other calls: something of them is left."""

from __future__ import annotations

from layercheck.implementations.protocol import DIFFERS
from layercheck.reporting.records import Diagnosis

from ..evidence import Evidence
from .lasting import OUTLIVES

RANK = 5
LEAST = "diagnosis"


def explain(evidence: Evidence) -> Diagnosis | None:
    """That a case passes where it is asked first of all, in a process of its own; what its numbers
    look like after other calls says nothing."""
    reasons = [why for seen in evidence.failing for why in seen.failing.values()]
    if evidence.alone is None or all(why.startswith(DIFFERS) for why in reasons):
        return None
    names = list(dict.fromkeys(n for seen in evidence.failing for n in seen.failing if n))
    text = f"It fails after other calls only: asked first of all, {evidence.alone} passes."
    return Diagnosis("relation", text, OUTLIVES, [], names, len(evidence.failing))
