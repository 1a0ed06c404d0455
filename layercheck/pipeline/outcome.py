"""A task and what it came to."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer
from layercheck.judging.judge import Judged
from layercheck.reporting.records import Comparison, Part
from layercheck.reporting.verdict import Verdict

from .answers import Gathered
from .plan import Task
from .unordinary import UNORDINARY

TRIED = 3
"""At how many cases an explanation is tried before it is looked for in all of them."""


@dataclass(eq=False)
class Outcome:
    """gathered: the task, and all that it was judged by."""

    gathered: Gathered
    judged: Judged

    @property
    def task(self) -> Task:
        """What was asked."""
        return self.gathered.task

    @property
    def beyond(self) -> str:
        """The condition under which its case goes beyond what is asked; empty within. A wrong shape
        or dtype has nothing to do with unusual numbers."""
        where = self.task.beyond
        excused = where not in UNORDINARY or not any(map(is_misfit, self.judged.own))
        return where if excused else ""

    @property
    def answer(self) -> Answer | None:
        """The subject's answer, if it gave one."""
        reply = self.gathered.reply
        return reply if isinstance(reply, Answer) else None

    def wrong(
        self, part: str = "", verdicts: Container[Verdict] = (Verdict.WRONG,)
    ) -> Iterator[Comparison]:
        """The comparisons that say wrong, or one of some verdicts, of a part or of both."""
        for comparison in self.judged.own:
            if comparison.verdict in verdicts and part in ("", comparison.part):
                yield comparison

    @property
    def is_wrong(self) -> bool:
        """Whether anything of it is."""
        return any(True for _ in self.wrong())

    def rename(
        self,
        verdict: Verdict,
        reason: str,
        array: str = "",
        was: Container[Verdict] = (Verdict.WRONG,),
    ) -> None:
        """Call what is wrong by a better name; of one array, or of all."""
        self.judged.own = [
            replace(c, verdict=verdict, reason=reason)
            if c.verdict in was and array in ("", c.array)
            else c
            for c in self.judged.own
        ]

    def note(self, part: Part, text: str) -> None:
        """Tell something of what a function did."""
        told = self.judged.notes.get(part, ())
        self.judged.notes = {**self.judged.notes, part: (*told, text)}


def is_misfit(comparison: Comparison) -> bool:
    """Whether an array came in a wrong shape or dtype."""
    is_error = comparison.verdict is Verdict.ERROR
    return is_error and comparison.reason.startswith(("shape:", "dtype:"))


def signed(comparison: Comparison, layer: Layer) -> Comparison:
    """The comparison with the name of the function that it is of."""
    return replace(comparison, function=layer.function_of(comparison.part))


def smallest(outcomes: Sequence[Outcome], count: int = TRIED) -> list[Outcome]:
    """The first few by the size of their cases."""
    return sorted(outcomes, key=lambda outcome: outcome.task.case.elements)[:count]
