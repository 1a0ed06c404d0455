"""The smallest case of a failing function and its picture, within a run's time for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from layercheck.cases.case import Case
from layercheck.diagnosis.candidates import Candidate
from layercheck.diagnosis.evidence import Seen
from layercheck.diagnosis.failing import Alike, Failed, as_it_is
from layercheck.diagnosis.illustration import Illustration, illustrate
from layercheck.diagnosis.matching import equal
from layercheck.implementations.layer import Layer
from layercheck.mistakes import mistakes
from layercheck.reporting.records import Diagnosis, Part

SECONDS_OF_ALL = 6.0
"""How long all functions of a run are asked together."""

SECONDS = 2.0
"""How long each is at most."""


@dataclass
class Illustrator:
    """left: the seconds that a run still has for it."""

    left: float = SECONDS_OF_ALL

    def illustrate(
        self, layer: Layer, parts: Sequence[Part], case: Case, diagnoses: Sequence[Diagnosis]
    ) -> Illustration | None:
        """The smallest case that fails as this one does, with the same mistake where one is named;
        None where there is no time left, or nothing to draw."""
        if self.left <= 0:
            return None
        began = time.monotonic()
        seconds = min(SECONDS, self.left)
        found = illustrate(layer, parts, case, same_mistake(layer, diagnoses), seconds)
        self.left -= time.monotonic() - began
        return found


def same_mistake(layer: Layer, diagnoses: Sequence[Diagnosis]) -> Alike:
    """Whether a named mistake gives the array of another failure, too."""
    named = {name for one in diagnoses if one.kind == "mistake" for name in one.names}
    known = [one for one in mistakes([layer.op]) if one.name in named]
    if not known:
        return as_it_is
    candidates = [Candidate((one,), one.forward, one.backward) for one in known]

    def alike(failed: Failed) -> bool:
        case, array = failed.facts.case, failed.kind.array
        seen = Seen(case, case.question, failed.facts, failed.answer, {array: failed.kind.reason})
        return any(equal(candidate, seen, array) for candidate in candidates)

    return alike
