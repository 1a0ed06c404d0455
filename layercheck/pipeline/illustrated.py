"""The smallest case of a failing function and its picture, within a run's time for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from layercheck.cases.case import Case
from layercheck.diagnosis.illustration import Illustration, illustrate
from layercheck.implementations.layer import Layer
from layercheck.reporting.records import Part

SECONDS_OF_ALL = 6.0
"""How long all functions of a run are asked together."""

SECONDS = 2.0
"""How long each is at most."""


@dataclass
class Illustrator:
    """left: the seconds that a run still has for it."""

    left: float = SECONDS_OF_ALL

    def illustrate(self, layer: Layer, parts: Sequence[Part], case: Case) -> Illustration | None:
        """The smallest case that fails as this one does; None where there is no time left, or
        nothing to draw."""
        if self.left <= 0:
            return None
        began = time.monotonic()
        seconds = min(SECONDS, self.left)
        found = illustrate(layer, parts, case, seconds=seconds)
        self.left -= time.monotonic() - began
        return found
