"""How much of its limit an error uses by how many terms are summed: a small chart for each op."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..numbers import number
from ..report import Report
from ..rows import largest
from ..words import many
from .accuracy import EXACT
from .histogram import DECADES, SPAN, bin_of, range_of

PER_DOUBLING = 2
"""How many columns stand for twice as many terms."""

WIDTH, ROW = 222, 4.5  # in the units of the chart's viewBox, as wide as the histograms are
HEIGHT = ROW * (2 * SPAN + 3)
SMALLEST, LARGEST = 1.4, 3.6  # of a dot
LEFT, RIGHT = 8, 18
MOST_DECADES = 12


@dataclass(frozen=True)
class Dot:
    """Comparisons of about one length and one share, with what they are in words."""

    x: float
    y: float
    radius: float
    beyond: bool
    label: str


@dataclass(frozen=True)
class Length:
    """The comparisons whose sums are about as long. few, most: terms · largest: share of the
    limit."""

    few: int
    most: int
    count: int
    largest: float | None

    @property
    def middle(self) -> float:
        """Between the two, on a log scale."""
        return math.sqrt(self.few * self.most)

    @property
    def told(self) -> str:
        """The terms in words."""
        several = self.most > self.few
        return f"{self.few:,} to {self.most:,} terms" if several else many(self.few, "term")


@dataclass(frozen=True)
class Summed:
    """The dots of one op. ticks: where the axis of terms is marked · against: with what it is
    compared."""

    op: str
    against: str
    dots: list[Dot]
    lengths: list[Length]
    ticks: list[tuple[float, str]]

    @property
    def told(self) -> str:
        """What it shows, for who does not see it."""
        return "; ".join(f"{one.told}: at most {number(one.largest)}" for one in self.lengths)


def summed(report: Report) -> list[Summed]:
    """Of the ops that sum different numbers of terms, in the order of the report: held against the
    exact result, or against the first that there is."""
    groups: dict[str, dict[str, list[tuple[int, float]]]] = {}
    terms_of = dict(zip(report.cases.text, report.cases.terms_of_each(), strict=True))
    for entry in report.counting():
        terms = terms_of[entry.case].get(entry.array, 0)
        if terms and entry.limit_used is not None and not entry.verdict.is_silent:
            of_op = groups.setdefault(entry.op, {})
            of_op.setdefault(entry.against, []).append((terms, entry.limit_used))
    found = []
    for op, by in groups.items():
        against = EXACT if EXACT in by else next(iter(by))
        if len({column_of(terms) for terms, _ in by[against]}) > 1:
            found.append(of_op_summed(op, against, by[against]))
    return found


def of_op_summed(op: str, against: str, pairs: Sequence[tuple[int, float]]) -> Summed:
    """The chart of one op. pairs: terms, and the share of the limit that was used."""
    columns: dict[int, list[tuple[int, float]]] = {}
    for terms, used in sorted(pairs, key=lambda pair: pair[0]):
        columns.setdefault(column_of(terms), []).append((terms, used))
    lengths = {column: length_of(own) for column, own in columns.items()}
    first, last = (math.log(max_or_min(terms for terms, _ in pairs)) for max_or_min in (min, max))

    def x_of(terms: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (math.log(terms) - first) / (last - first), 1)

    counted = Counter((column_of(terms), bin_of(used)) for terms, used in pairs)
    peak = max(counted.values())
    dots = [
        Dot(
            x=x_of(lengths[column].middle),
            y=y_of(row),
            radius=round(SMALLEST + (LARGEST - SMALLEST) * math.sqrt(count / peak), 1),
            beyond=row > SPAN + 1,
            label=f"{lengths[column].told}, {range_of(row)}: {many(count, 'comparison')}",
        )
        for (column, row), count in sorted(counted.items())
    ]
    powers = (10**power for power in range(MOST_DECADES))
    ticks = [(x_of(n), f"{n:,}") for n in powers if first <= math.log(n) <= last]
    return Summed(op, against, dots, list(lengths.values()), ticks)


def column_of(terms: int) -> int:
    """Two columns for each doubling.

    >>> column_of(1), column_of(2), column_of(3), column_of(4), column_of(25_600)
    (0, 2, 3, 4, 29)
    """
    return math.floor(PER_DOUBLING * math.log2(terms))


def length_of(pairs: Sequence[tuple[int, float]]) -> Length:
    """The comparisons of one column."""
    terms = [terms for terms, _ in pairs]
    return Length(min(terms), max(terms), len(pairs), largest(used for _, used in pairs))


def y_of(row: float) -> float:
    """Where a row of shares is drawn: the largest on top."""
    return round(HEIGHT - ROW * (row + 0.5), 1)


def levels() -> list[tuple[float, str]]:
    """Where the axis of shares is marked: the limit is between two rows."""
    marks = ((10.0**decade, SPAN + 1 + 4 * decade) for decade in range(-DECADES + 1, DECADES))
    return [(y_of(0), "0"), *((y_of(row + 0.5), f"{share:g}") for share, row in marks)]
