"""Why the functions of a run fail: diagnoses, the smallest case and its picture."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from layercheck.diagnosis.illustration import Illustration, illustrate
from layercheck.diagnosis.smallest import SECONDS
from layercheck.reporting.records import Part

from .checks import FunctionCheck
from .explain import explain
from .followed import taken
from .layers import LayerRun
from .options import Options

SECONDS_OF_ALL = 6.0
"""How long a run looks for smallest cases, all functions together."""


@dataclass
class Explainer:
    """Explains one function after the other. left: the seconds that smallest cases still have."""

    options: Options
    left: float = SECONDS_OF_ALL

    def explain(self, check: FunctionCheck, run: LayerRun, parts: Sequence[Part]) -> None:
        """What there is to say of a failing function. Whatever goes wrong in that costs the
        explanation, never the verdict."""
        try:
            found = self.illustrate(check, run, parts)
            case = None if found is None else found.smallest.case
            outlives = found is not None and not found.is_alone
            check.why.diagnoses = explain(
                run.layer, parts, run.outcomes, run.gatherer, self.options, case, outlives
            )
        except Exception as error:  # functions under check answer what they like
            told = f"{type(error).__name__}: {error}".partition("\n")[0]
            check.notes[f"no explanation: layercheck itself raised {told}; please report it"] = None

    def illustrate(
        self, check: FunctionCheck, run: LayerRun, parts: Sequence[Part]
    ) -> Illustration | None:
        """Find the smallest case in which a function fails alike, and draw it if that is told: not
        one that fails after other calls only, which nobody could follow."""
        shown, why = check.within.shown, check.why
        if shown is None or shown.comparison.probe or self.left <= 0:
            return None
        began = time.monotonic()
        followed, seconds = taken(run.layer, run.outcomes), min(SECONDS, self.left)
        found = illustrate(run.layer, parts, shown.case, seconds=seconds, followed=followed)
        self.left -= min(SECONDS, time.monotonic() - began)
        if found is None:
            return None
        if self.options.hints == "full" and found.is_alone:
            why.smallest, why.picture = str(found.smallest.case), found.picture
        return found
