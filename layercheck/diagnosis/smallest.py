"""The smallest case in which a function still fails, with values that a person can compute with.

Hypothesis is not used: it shrinks the choices by which a value was drawn, and a case is drawn by a
frozen generator from one line of text, which has to hold what was found. A greedy walk over such
lines needs no dependency, asks each case once, always in the same order, and stops where no simpler
neighbour fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from layercheck.cases.case import Case

from .simpler import easier_values, effort, neighbours

SECONDS = 2.0
"""How long the search may take by default."""

MOST_ASKED = 600
"""How many cases are asked at most, however fast they are answered."""

Fails = Callable[[Case], bool]
"""Whether the function fails at a case as it does at the first one."""


@dataclass(frozen=True)
class Smallest:
    """case: the smallest that was found to fail · asked: how many were tried · finished: whether
    none of its neighbours fails; where time or questions ran out, smaller ones may."""

    case: Case
    asked: int
    finished: bool


def smallest(
    case: Case, fails: Fails, seconds: float = SECONDS, most: int = MOST_ASKED
) -> Smallest:
    """Shrink a failing case: its values, then shapes and attributes, then its values again.

    fails: asks the function (in its sandbox) and tells whether the failure is of the same kind; the
    caller says what that is. The walk is the same in every run that is not cut off by `seconds`.
    """
    search = Search(fails, time.monotonic() + seconds, most)
    easy = search.first(easier_values(case)) or case
    found = search.walk(easy)
    again = search.first(easier_values(found))
    found = search.walk(again) if again else found
    return Smallest(found, len(search.told), not search.is_over)


@dataclass
class Search:
    """fails · ends: by the monotonic clock · most: questions · told: what was asked so far."""

    fails: Fails
    ends: float
    most: float
    told: dict[str, bool] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether time or questions are used up."""
        return len(self.told) >= self.most or time.monotonic() > self.ends

    def first(self, cases: Iterable[Case]) -> Case | None:
        """The first of some cases that fails; None if none does before the search is over: to make
        a case costs time, too."""
        for case in cases:
            if self.asked(case):
                return case
            if self.is_over:
                return None
        return None

    def asked(self, case: Case) -> bool:
        """Whether a case fails, each asked once; none does when the search is over."""
        text = str(case)
        if text not in self.told:
            if self.is_over:
                return False
            self.told[text] = self.fails(case)
        return self.told[text]

    def walk(
        self,
        case: Case,
        simpler: Callable[[Case], Iterable[Case]] = neighbours,
        size: Callable[[Case], float] = effort,
    ) -> Case:
        """From a failing case to the last of its ever simpler neighbours. size: of which each has
        less."""
        while (found := self.first(simpler(case))) is not None:
            assert size(found) < size(case)
            case = found
        return case
