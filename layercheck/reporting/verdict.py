"""What a comparison, a case or a function came to."""

from __future__ import annotations

from collections.abc import Iterable, Set
from enum import Enum


class Verdict(str, Enum):
    """From best to worst; the first two compared nothing and give way to any other."""

    SKIPPED = "skipped"
    NOT_JUDGED = "not judged"
    EXACT = "exact"
    ROUNDING = "rounding"
    CONVENTION = "convention"
    CONSISTENT = "consistent"
    INACCURATE = "inaccurate"
    CONTRADICTED = "contradicted"
    NARROWED = "narrowed"
    NOT_IMPLEMENTED = "not implemented"
    INCOMPLETE = "incomplete"
    WRONG = "wrong"
    ERROR = "error"

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(str(self.value), spec)

    @property
    def passes(self) -> bool:
        """Whether it says that what was compared is right."""
        return self in PASSING

    @property
    def fails(self) -> bool:
        """Whether it blames: neither a pass, nor skipped, nor left unjudged."""
        return not self.passes and not self.is_silent

    @property
    def compared(self) -> bool:
        """Whether numbers were held against each other, or should have been."""
        return not self.is_silent and self is not Verdict.NOT_IMPLEMENTED

    @property
    def is_silent(self) -> bool:
        """Whether it says nothing about right and wrong."""
        return self in (Verdict.SKIPPED, Verdict.NOT_JUDGED)


Passing = Set[Verdict]

PASSING: Passing = frozenset(
    {Verdict.EXACT, Verdict.ROUNDING, Verdict.CONVENTION, Verdict.CONSISTENT}
)
"""What passes unless somebody asks for more or for less."""

MEANINGS: dict[Verdict, str] = {
    Verdict.EXACT: "every number is the exact result, correctly rounded",
    Verdict.ROUNDING: "within the error that rounding alone may cause",
    Verdict.CONVENTION: "agrees with one framework where frameworks differ among themselves",
    Verdict.CONSISTENT: "a gradient that is right for its own forward, which is wrong",
    Verdict.INACCURATE: "right formula, unstable arithmetic: its error grows as rounding does",
    Verdict.CONTRADICTED: "every framework that answers contradicts the exact result: undecided",
    Verdict.NARROWED: "right in the cases that its own file left of those that are asked",
    Verdict.NOT_IMPLEMENTED: "nothing is written there yet",
    Verdict.INCOMPLETE: "right where it answers, but not all that was planned could be compared",
    Verdict.WRONG: "beyond what rounding explains",
    Verdict.ERROR: "raised, timed out, wrong shape or dtype, changed inputs, state, not finite",
    Verdict.NOT_JUDGED: "a backward whose forward gave it nothing fit to work on",
    Verdict.SKIPPED: "not compared, for the reason given",
}
"""Each verdict in words, from best to worst; those that compared nothing stand last."""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several; one that compared nothing only if there is no other."""
    return max(verdicts, key=_RANKS.__getitem__, default=Verdict.SKIPPED)


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


def all_pass(verdicts: Iterable[Verdict], passing: Passing = PASSING) -> bool:
    """Whether something was compared, and all of it passes: what is silent is no agreement."""
    made = [verdict for verdict in verdicts if not verdict.is_silent]
    return bool(made) and all(verdict in passing for verdict in made)
