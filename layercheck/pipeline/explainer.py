"""Why the functions of a run fail: diagnoses, the smallest case and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from layercheck.cases.case import Case
from layercheck.reporting.records import Part

from .checks import FunctionCheck
from .explain import explain
from .illustrated import Illustrator
from .layers import LayerRun
from .options import Options


@dataclass
class Explainer:
    """Explains one function after the other, in the time that the run has for it."""

    options: Options
    illustrator: Illustrator = field(default_factory=Illustrator)

    def explain(self, check: FunctionCheck, run: LayerRun, parts: Sequence[Part]) -> None:
        """What there is to say of a failing function. Whatever goes wrong in that costs the
        explanation, never the verdict."""
        try:
            smallest = self.illustrate(check, run, parts)
            check.why.diagnoses = explain(
                run.layer, parts, run.outcomes, run.gatherer, self.options, smallest
            )
        except Exception as error:  # functions under check answer what they like
            told = f"{type(error).__name__}: {error}".partition("\n")[0]
            check.notes[f"no explanation: layercheck itself raised {told}; please report it"] = None

    def illustrate(self, check: FunctionCheck, run: LayerRun, parts: Sequence[Part]) -> Case | None:
        """Find the smallest case in which a function fails alike, and draw it if that is told."""
        shown, why = check.within.shown, check.why
        if shown is None or shown.comparison.probe:
            return None
        found = self.illustrator.illustrate(run.layer, parts, shown.case)
        if found is None:
            return None
        if self.options.hints == "full":
            why.smallest, why.picture = str(found.smallest.case), found.picture
        return found.smallest.case
