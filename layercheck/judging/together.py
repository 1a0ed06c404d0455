"""Many cases judged side by side, so that what they compare is measured at once.

Judging is a generator: it yields what is to be compared, and is sent the comparisons.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

from layercheck.reporting.records import Comparison

from .compare import Compared, compared

Result = TypeVar("Result")
Judging = Generator[Sequence[Compared], list[Comparison], Result]
"""Something that is judged: it yields what it wants compared, and in the end returns its result."""


def together(judgings: Sequence[Judging[Result]]) -> list[Result]:
    """The results, in their order."""
    results: dict[int, Result] = {}
    wanted: dict[int, Sequence[Compared]] = {}
    answers: dict[int, list[Comparison] | None] = dict.fromkeys(range(len(judgings)))
    while answers:
        for number, answer in answers.items():
            try:
                wanted[number] = advanced(judgings[number], answer)
            except StopIteration as done:
                results[number] = done.value
        made = iter(compared([pair for pairs in wanted.values() for pair in pairs]))
        answers = {number: [next(made) for _ in pairs] for number, pairs in wanted.items()}
        wanted.clear()
    return [results[number] for number in range(len(judgings))]


def advanced(judging: Judging[Result], answer: list[Comparison] | None) -> Sequence[Compared]:
    """What it wants compared next; raises StopIteration when it is done."""
    return next(judging) if answer is None else judging.send(answer)
