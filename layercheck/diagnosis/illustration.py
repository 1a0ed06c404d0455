"""The smallest case of a failing function, and its picture: all that a report shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.reporting.picture.record import Picture
from layercheck.reporting.records import Part

from .failing import Alike, Failed, FailsAlike, as_it_is, failed_at
from .picture import picture_of
from .smallest import SECONDS, Smallest, smallest


@dataclass(frozen=True)
class Illustration:
    """smallest: what the search came to · failed: the answer there, what it is judged by, and how
    it fails · picture: of the failing array; None where no number is wrong."""

    smallest: Smallest
    failed: Failed
    picture: Picture | None


def illustrate(
    layer: Layer,
    parts: Sequence[Part],
    case: Case,
    alike: Alike = as_it_is,
    seconds: float = SECONDS,
) -> Illustration | None:
    """Shrink a failing case of one function and draw it; None where it does not fail there.

    parts: those that the function gives · case: at which it fails · alike: what a smaller failure
    has to have in common with this one, beside array and verdict: a diagnosis · seconds: how long
    the search may take.
    """
    implementation = layer.implementation
    first = failed_at(implementation, parts, case, implementation.answer(case))
    if first is None:
        return None
    fails = FailsAlike(layer, parts, first.kind, alike)
    found = smallest(case, fails, seconds)
    failed = first if found.case == case else fails.asked(found.case)
    if failed is None:
        found, failed = Smallest(case, found.asked, found.finished), first
    return Illustration(found, failed, picture_of(failed.facts, failed.answer, failed.kind.array))
