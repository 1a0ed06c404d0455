"""The comparisons of a report summed up: a line for each op and oracle."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .report import Entry, Report, counts
from .verdict import Verdict, worst


@dataclass(frozen=True)
class Row:
    """One op against one oracle, over the cases that count.

    verdicts: of its cases, all arrays together · failed: how many cases fail · the figures: the
    largest of them · beyond, failed_beyond: how many cases go beyond the contract, and fail there.
    """

    op: str
    against: str
    cases: int
    failed: int
    verdicts: dict[str, int]
    limit_used: float | None
    max_ulp: float | None
    needed_tolerance: float | None
    beyond: int = 0
    failed_beyond: int = 0

    @property
    def worst(self) -> Verdict:
        """The worst verdict of a case."""
        return worst(Verdict(verdict) for verdict, count in self.verdicts.items() if count)


def rows(report: Report) -> list[Row]:
    """In the order in which the pairs first appear."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in report.entries():
        groups.setdefault((entry.op, entry.against), []).append(entry)
    return [make_row(report, *key, group) for key, group in groups.items()]


def make_row(report: Report, op: str, against: str, entries: Sequence[Entry]) -> Row:
    """The comparisons of one op against one oracle, summed up by case."""
    counting = [entry for entry in entries if not entry.beyond]
    cases = verdicts_of_cases(counting)
    beyond = verdicts_of_cases(entry for entry in entries if entry.beyond)
    told = [e for e in counting if e.verdict is not Verdict.CONVENTION or report.fails(e.verdict)]
    return Row(
        op,
        against,
        len(cases),
        sum(map(report.fails, cases)),
        counts(cases),
        largest(entry.limit_used for entry in told),  # of another convention it says nothing
        largest(entry.max_ulp for entry in told),
        largest(entry.needed_tolerance for entry in told),
        len(beyond),
        sum(map(report.fails, beyond)),
    )


def verdicts_of_cases(entries: Iterable[Entry]) -> list[Verdict]:
    """The worst of each case."""
    by_case: dict[str, list[Verdict]] = {}
    for entry in entries:
        by_case.setdefault(entry.case, []).append(entry.verdict)
    return [worst(verdicts) for verdicts in by_case.values()]


def largest(values: Iterable[float | None]) -> float | None:
    """The largest of those that are given, nan above all; None if none is."""
    given = (value for value in values if value is not None)
    return max(given, key=lambda value: (math.isnan(value), value), default=None)
