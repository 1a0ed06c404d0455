"""An input that is changed while it is read."""

from __future__ import annotations

from layercheck.implementations.protocol import CHANGED_INPUTS
from layercheck.reporting.numbers import joined
from layercheck.reporting.records import Diagnosis

from ..evidence import Evidence

RANK = 50
LEAST = "diagnosis"


def explain(evidence: Evidence) -> Diagnosis | None:
    """What the function overwrote wherever it fails, where nothing else is wrong with it."""
    found = {n: why for seen in evidence.failing for n, why in seen.failing.items()}
    names = list(found)
    if not names or not all(why.startswith(CHANGED_INPUTS) for why in found.values()):
        return None
    text = f"{joined(names)} is changed in place, in the caller's array."
    hint = "Write x = x - mean, not x -= mean; a reshape or a slice of x is x itself."
    return Diagnosis("relation", text, hint, [], names, len(evidence.failing))
