"""Some cases of one function: how many came to what, and the one record that shows a failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from layercheck.cases.case import Case
from layercheck.reporting.records import Comparison, leading
from layercheck.reporting.verdict import Passing, Verdict, worst


@dataclass(frozen=True)
class Shown:
    """A failing comparison, and the case that it is of."""

    case: Case
    comparison: Comparison

    @property
    def rank(self) -> tuple[int, int]:
        """Of the worst verdict the smallest case comes first."""
        return -list(Verdict).index(self.comparison.verdict), self.case.elements


@dataclass
class Tally:
    """Some cases of one function: how many came to what, and the failing record."""

    by_case: dict[str, Verdict] = field(default_factory=dict)
    shown: Shown | None = None

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return len(self.by_case)

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many came to which verdict."""
        return Counter(self.by_case.values())

    def add(self, case: Case, comparisons: Sequence[Comparison], passing: Passing) -> Verdict:
        """Count one case; its verdict. Of a case that comes twice the worse verdict counts."""
        verdict = worst(c.verdict for c in comparisons)
        self.by_case[str(case)] = worst([verdict, self.by_case.get(str(case), verdict)])
        wrong = leading(comparisons)
        if wrong is not None and is_failing(verdict, passing):
            shown = Shown(case, wrong)
            if self.shown is None or shown.rank < self.shown.rank:
                self.shown = shown
        return verdict

    def failed(self, passing: Passing) -> int:
        """How many cases fail."""
        return sum(n for verdict, n in self.verdicts.items() if is_failing(verdict, passing))


def is_failing(verdict: Verdict, passing: Passing) -> bool:
    """Whether a verdict blames the function."""
    return verdict not in passing and not verdict.is_silent
