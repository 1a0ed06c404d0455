"""How far each implementation is from the exact result, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..report import Report

EXACT = "exact"


@dataclass(frozen=True)
class Accuracy:
    """Of one op and implementation: the shares of its limits that errors from the exact result
    used. count: how many comparisons · half, most: what half and 95 % of them stay within."""

    op: str
    who: str
    count: int
    half: float
    most: float
    largest: float
    is_subject: bool


def accuracies(report: Report) -> dict[str, list[Accuracy]]:
    """By op, the subject first; only where there is somebody beside it."""
    shares: dict[str, dict[str, list[float]]] = {}
    for entry in report.counting(of_subject=False):
        if entry.against == EXACT and entry.limit_used is not None and not entry.verdict.is_silent:
            used = math.inf if math.isnan(entry.limit_used) else entry.limit_used
            shares.setdefault(entry.op, {}).setdefault(entry.subject, []).append(used)
    return {
        op: sorted(
            (of_shares(op, who, used, who == report.subject) for who, used in of_op.items()),
            key=lambda one: not one.is_subject,
        )
        for op, of_op in shares.items()
        if len(of_op) > 1 and report.subject in of_op
    }


def of_shares(op: str, who: str, shares: Sequence[float], is_subject: bool) -> Accuracy:
    """What many shares come to."""
    ranked = sorted(shares)
    half, most = (ranked[math.ceil(share * len(ranked)) - 1] for share in (0.5, 0.95))
    return Accuracy(op, who, len(ranked), half, most, ranked[-1], is_subject)
