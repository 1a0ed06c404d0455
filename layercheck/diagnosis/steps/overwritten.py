"""An input that is changed while it is read."""

from __future__ import annotations

from layercheck.reporting.records import Diagnosis
from layercheck.reporting.words import joined
from ref_layers import OPS

from ..evidence import Evidence

RANK = 50
LEAST = "diagnosis"


def explain(evidence: Evidence) -> Diagnosis | None:
    """What the function overwrote wherever it fails, where nothing else is wrong with it."""
    names = dict.fromkeys(name for seen in evidence.failing for name in seen.failing)
    if not names or not names.keys() <= OPS[evidence.op].inputs.keys():
        return None
    text = f"{joined(names)} is changed in place, in the caller's array."
    hint = "Write x = x - mean, not x -= mean; a reshape or a slice of x is x itself."
    return Diagnosis("relation", text, hint, [], list(names), len(evidence.failing))
