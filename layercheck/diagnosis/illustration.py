"""The smallest case of a failing function, and its picture: all that a report shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.judging.conventions import Convention
from layercheck.reporting.picture.record import Picture
from layercheck.reporting.records import Part

from .failing import Alike, Failed, FailsAlike, as_it_is, failed_at, fails_alone
from .picture import picture_of
from .smallest import SECONDS, Smallest, smallest


@dataclass(frozen=True)
class Illustration:
    """smallest: what the search came to · failed: the answer there, what it is judged by, and how
    it fails · picture: of the failing array; None where no number is wrong · is_alone: whether it
    fails there without an earlier call."""

    smallest: Smallest
    failed: Failed
    picture: Picture | None
    is_alone: bool = True


def illustrate(
    layer: Layer,
    parts: Sequence[Part],
    case: Case,
    alike: Alike = as_it_is,
    seconds: float = SECONDS,
    followed: Sequence[Convention] = (),
) -> Illustration | None:
    """Shrink a failing case of one function and draw it; None where it does not fail there.

    parts: those that the function gives · case: at which it fails · alike: what a smaller failure
    has to have in common with this one, beside array and verdict: a diagnosis · seconds: how long
    the search may take · followed: the conventions that the layer was found to follow.
    """
    implementation = layer.implementation
    first = failed_at(implementation, parts, case, implementation.answer(case), followed)
    if first is None:
        return None
    fails = FailsAlike(layer, parts, first.kind, alike, followed=followed)
    found = smallest(case, fails, seconds)
    failed = first if found.case == case else fails.asked(found.case)
    if failed is None:
        found, failed = Smallest(case, found.asked, found.finished), first
    is_alone = fails_alone(layer, parts, found.case, followed)
    if not is_alone and found.case != case and fails_alone(layer, parts, case, followed):
        found, failed, is_alone = Smallest(case, found.asked, found.finished), first, True
    picture = picture_of(failed.facts, failed.answer, failed.kind.array)
    if picture is not None and followed:  # as it is asked: a convention is no argument
        picture = replace(picture, case=str(found.case))
    return Illustration(found, failed, picture, is_alone)
