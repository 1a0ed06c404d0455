"""What a function was asked and what it answered: all that a diagnosis may go by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer
from layercheck.judging.facts import Facts
from layercheck.reporting.records import Part
from layercheck.submissions.expressible import expressible
from oracles.oracle import Array, Question

MOST_SEEN = 12
"""How many failing cases a cause is held against, and how many passing ones."""

FEW_DRAWN, MOST_DRAWN = 10, 60
"""How many further cases are drawn at first, and at most."""

LARGEST = 1000
"""Elements of a case that is worth the time: small ones come first."""


@dataclass(frozen=True, eq=False)
class Seen:
    """One case of the function.

    question: as it was answered, with the mask that the function drew · facts: the truth and its
    bounds · answer: the layer's, both functions together · failing: the arrays of this function
    that fail, by reason; empty where it passes · silent: whether nothing was judged · judged: the
    arrays that were.
    """

    case: Case
    question: Question
    facts: Facts
    answer: Answer
    failing: dict[str, str]
    silent: bool = False
    judged: frozenset[str] = frozenset()

    def array(self, name: str) -> Array | None:
        """An array of the answer; None where there is none."""
        value = self.answer.arrays.get(name)
        fits = isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biuf"
        return np.asarray(value) if fits else None

    @property
    def truth(self) -> dict[str, Array]:
        """The exact arrays."""
        return dict(self.facts.truth.arrays)


Ask = Callable[[Case], Seen | None]
"""Puts a further case to the function; None where it gives no answer to go by."""


@dataclass
class Evidence:
    """One failing function.

    parts: which it gives · seen: all its cases that count, the small ones first · ask: puts a
    further case to it, in its sandbox and within its time · more: further failing cases, which
    every reason has to hold for · probes: the further questions that it fails, by name, with the
    arrays that show it · alone: a case at which it fails after other calls, and passes where it is
    the first · has_condition: whether it was found where it fails · held: what holds of an array,
    by who looked at which cases, for the next who does.
    """

    layer: Layer
    parts: Sequence[Part]
    seen: Sequence[Seen]
    ask: Ask
    more: Sequence[Seen] = ()
    probes: Mapping[str, list[str]] = field(default_factory=dict)
    alone: Case | None = None
    asked: dict[str, Seen | None] = field(default_factory=dict)
    anew: list[Case] = field(default_factory=list)
    has_condition: bool = False
    is_drawn_out: bool = False
    held: dict[tuple[object, ...], list[str]] = field(default_factory=dict)

    @property
    def op(self) -> str:
        """The layer's op."""
        return self.layer.op

    @cached_property
    def failing(self) -> list[Seen]:
        """The failing cases, the small ones first."""
        return [one for one in self.seen if one.failing]

    @cached_property
    def passing(self) -> list[Seen]:
        """The passing ones."""
        return [one for one in self.seen if not one.failing and not one.silent]

    @cached_property
    def tried(self) -> list[Seen]:
        """What a cause is held against first: some of each, failing ones first."""
        return [*self.more, *spread(self.failing), *spread(self.passing)]

    def arrays(self, seen: Seen) -> list[str]:
        """The arrays that this function gave, or should have given."""
        own = [n for n in seen.facts.truth.arrays if seen.facts.part_of(n) in self.parts]
        return [n for n in own if n in seen.failing or seen.array(n) is not None]

    def ask_once(self, case: Case) -> Seen | None:
        """A further case; asked before, what came then."""
        text = str(case)
        if text not in self.asked:
            self.asked[text] = self.ask(case)
        return self.asked[text]

    def draws(self, count: int = MOST_DRAWN) -> Iterator[Case]:
        """Further cases that the signature can express: of the values of those that were seen, and
        drawn anew, in turn; always the same."""
        known = [*self.failing[:3], *self.passing[:3]]
        near = [one.case.with_seed(one.case.seed + 10_000) for one in known]
        for number in range(count):
            yield from near[number : number + 1]
            for place in (2 * number, 2 * number + 1):
                if place >= len(self.anew) and not self.is_drawn_out:
                    self.draw_more(place + 1)
                yield from self.anew[place : place + 1]

    def draw_more(self, least: int) -> None:
        """Cases drawn anew, many more at a time."""
        count = max(least, min(MOST_DRAWN, 4 * len(self.anew) or FEW_DRAWN))
        takes, tries = self.layer.takes, 10 * count
        self.anew = expressible(
            self.op, takes, count, self.is_wanted, 1, any_size=True, tries=tries
        )
        self.is_drawn_out = len(self.anew) < count or count == MOST_DRAWN

    def is_wanted(self, case: Case) -> bool:
        """Whether a further case is worth the time, and one that counts."""
        return case.elements <= LARGEST and not self.layer.goes_beyond(case)

    @property
    def drawn(self) -> Iterator[Seen]:
        """The further cases that were answered."""
        return (one for one in self.asked.values() if one is not None)


def spread(seen: Sequence[Seen], count: int = MOST_SEEN) -> list[Seen]:
    """So many of them, over all sizes that are worth the time; the smallest in any case."""
    small = [one for one in seen if one.case.elements <= LARGEST] or list(seen[:1])
    if len(small) <= count:
        return small
    step = (len(small) - 1) / (count - 1)
    return [small[round(i * step)] for i in range(count)]
