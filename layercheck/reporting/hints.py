"""How much of a diagnosis is told: the teacher's choice, and the same in every output, since a
report holds no more than that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .records import Diagnosis

HINTS = ("none", "condition", "diagnosis", "full")
"""Nothing · where it fails · that, and what is wrong · all, with where to look and the smallest
case."""


def tells(hints: str, least: str) -> bool:
    """Whether a level tells what needs at least another one."""
    return HINTS.index(hints) >= HINTS.index(least)


def told_at(hints: str, diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """What of diagnoses a level tells."""
    kept = [d for d in diagnoses if tells(hints, "condition" if d.is_condition else "diagnosis")]
    return kept if tells(hints, "full") else [replace(one, hint="") for one in kept]
