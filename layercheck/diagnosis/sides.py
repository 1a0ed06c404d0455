"""The cases in which a function fails, or one array of it, and those in which it passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from layercheck.cases.case import Case

from .evidence import Evidence, Seen
from .relations.instead import run
from .simpler import Change, changed

FEWEST = 2
"""How many cases there have to be on each side."""

DRAWN = 16
"""How many further cases are asked for these."""


@lru_cache(maxsize=4096)
def is_reached(case: Case) -> bool:
    """Whether the windows of a case have any of x in them: else another x gives the same."""
    if "padding" not in case.spec.attributes:
        return True
    question = case.question
    other = replace(question, inputs={**question.inputs, "x": question.inputs["x"] + 1})
    one, two = (run(asked, "out") for asked in (question, other))
    return one is None or two is None or not np.array_equal(one, two, equal_nan=True)


@dataclass
class Sides:
    """array: which; every one where it is empty · given: inputs without which a case that passes
    says nothing · inside: the cases that fail, the small ones first · outside: those that pass ·
    without: those that pass without what is given · hidden: those that pass where rounding is more
    than any error would be · drawn: how many of all were drawn for it."""

    evidence: Evidence
    array: str = ""
    given: tuple[str, ...] = ()
    inside: list[Seen] = field(default_factory=list)
    outside: list[Seen] = field(default_factory=list)
    without: list[Seen] = field(default_factory=list)
    hidden: list[Seen] = field(default_factory=list)
    drawn: int = 0

    def __post_init__(self) -> None:
        self.known: set[str] = set()
        self.blurred: set[str] = set()
        self.only: dict[str, str] = {}
        self.veils: list[Callable[[Case], bool]] = []
        self.turned: set[str] = set()
        self.is_turning = False
        for seen in (*self.evidence.seen, *self.evidence.more):
            self.take(seen)
        self.outside.sort(key=lambda one: one.case.elements)

    @property
    def are_many(self) -> bool:
        """Whether there are enough of each."""
        return min(len(self.inside), len(self.outside)) >= FEWEST

    def fails(self, seen: Seen) -> bool:
        """Whether a case is of those that fail."""
        return self.array in seen.failing if self.array else bool(seen.failing)

    def counts(self, seen: Seen) -> bool:
        """Whether a case tells anything: what was not judged does not pass; where all should be 0,
        and where windows lie beside x altogether, many a mistake does."""
        if seen.silent or (self.array and self.array not in seen.judged):
            return False
        names = [self.array] if self.array else seen.judged
        if self.fails(seen):
            return True
        return is_reached(seen.case) and any(seen.truth[n].any() for n in names if n in seen.truth)

    def take(self, seen: Seen) -> bool:
        """Count a case, once."""
        if not self.counts(seen) or str(seen.case) in self.known:
            return False
        self.known.add(str(seen.case))
        if self.is_turning:
            self.turned.add(str(seen.case))
        self.side_of(seen).append(seen)
        return True

    def side_of(self, seen: Seen) -> list[Seen]:
        """Those that a case is one of."""
        if self.fails(seen):
            return self.inside
        if any(veil(seen.case) for veil in self.veils):
            return self.hidden
        return self.outside if set(self.given) <= seen.case.shapes.keys() else self.without

    def may_ask(self, case: Case) -> bool:
        """Whether a further case can be put to the functions, and is worth the time."""
        return not self.evidence.layer.refuses(case) and self.evidence.is_wanted(case)

    def changed(self, case: Case, change: Change, is_wanted: Callable[[Case], bool]) -> Case | None:
        """The case with a change that leaves no size at 0; None where that is none that is wanted,
        or none that can be asked: before its values are drawn."""

        def is_one(made: Case) -> bool:
            return 0 not in made.sizes.values() and is_wanted(made) and self.may_ask(made)

        return changed(case, change, is_one)

    def hide(self, veil: Callable[[Case], bool]) -> None:
        """From now on count no case of these as one that passes: it tells nothing."""
        self.veils.append(veil)
        self.hidden += [seen for seen in self.outside if veil(seen.case)]
        self.outside = [seen for seen in self.outside if not veil(seen.case)]

    def ask(self, case: Case) -> Seen | None:
        """A further case, which counts from now on; None where it tells nothing."""
        if not self.may_ask(case):
            return None
        seen = self.evidence.ask_once(case)
        if seen is None or not self.counts(seen):
            return None
        self.drawn += self.take(seen)
        return seen

    def is_odd(self, seen: Seen) -> bool:
        """Whether a passing case says how often a condition is wrong: not one that was changed so
        that it passes."""
        return str(seen.case) not in self.turned

    def fill(self) -> None:
        """Draw cases where one side has too few."""
        if not self.inside or not self.outside:
            return
        for number, case in enumerate(self.evidence.draws()):
            if self.are_many or number == DRAWN:
                return
            self.ask(case)
