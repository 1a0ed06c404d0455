"""Whether what holds of the numbers that are wrong would have to show in cases that pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from layercheck.reporting.words import many

from .evidence import Evidence, Seen, spread
from .relations import Telling, relations
from .relations.shown import shown_of

ELSEWHERE = "Other cases, in which that would make a difference, pass."
"""What is said where nobody knows what sets the failing ones apart."""


def is_limited(texts: Mapping[str, str], evidence: Evidence) -> bool:
    """Whether sentences, by array, hold of the failing cases alone, and no condition is told."""
    if evidence.has_condition:
        return False
    passing = spread(evidence.passing)
    return any(would_fail(seen, name, text) for name, text in texts.items() for seen in passing)


def would_fail(seen: Seen, name: str, text: str) -> bool:
    """Whether an array that passes would not, were it as a sentence says."""
    shown = shown_of(seen, name)
    if shown is None or not shown.fits or not shown.right.any():
        return False
    telling = (one for one in relations() if isinstance(one, Telling))
    with np.errstate(all="ignore"):
        return any(one.would_differ(shown, text) for one in telling)


def those_that_fail(evidence: Evidence) -> str:
    """`In the 3 cases of 27 that fail, `."""
    failing, every = len(evidence.failing), len(evidence.seen)
    if failing == 1:
        return f"In the one case of {every} that fails, "
    return f"In the {many(failing, 'case')} of {every} that fail, "
