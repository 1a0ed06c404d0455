"""The comparisons of a report summed up: a line for each op and oracle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .report import Entry, Report, counts
from .verdict import Verdict, worst


@dataclass(frozen=True)
class Row:
    """One op against one oracle.

    verdicts: of its cases, all arrays together · the figures: the largest of them.
    """

    op: str
    against: str
    cases: int
    verdicts: dict[str, int]
    limit_used: float | None
    max_ulp: float | None
    needed_tolerance: float | None

    @property
    def worst(self) -> Verdict:
        """The worst verdict of a case."""
        return worst(Verdict(verdict) for verdict, count in self.verdicts.items() if count)

    @property
    def failed(self) -> int:
        """How many cases fail."""
        return sum(n for verdict, n in self.verdicts.items() if Verdict(verdict).fails)


def rows(report: Report) -> list[Row]:
    """In the order in which the pairs first appear."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in report.entries():
        groups.setdefault((entry.op, entry.against), []).append(entry)
    return [make_row(*key, group) for key, group in groups.items()]


def make_row(op: str, against: str, entries: Sequence[Entry]) -> Row:
    """The comparisons of one op against one oracle, summed up by case."""
    by_case: dict[str, list[Verdict]] = {}
    for entry in entries:
        by_case.setdefault(entry.case, []).append(entry.verdict)
    return Row(
        op,
        against,
        len(by_case),
        counts(worst(verdicts) for verdicts in by_case.values()),
        largest(entry.limit_used for entry in entries),
        largest(entry.max_ulp for entry in entries),
        largest(entry.needed_tolerance for entry in entries),
    )


def largest(values: Iterable[float | None]) -> float | None:
    """The largest of those that are given; None if none is."""
    return max((value for value in values if value is not None), default=None)
