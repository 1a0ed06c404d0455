"""How much of their limits many comparisons used, on a log scale, as the bars of a small chart."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..numbers import number
from ..words import many

PER_DECADE = 4
DECADES = 3  # each side of the limit; what lies further goes into the outermost bars
SPAN = PER_DECADE * DECADES
STEP, BAR, ZERO_GAP, HEIGHT = 9, 8, 5, 56  # in the units of the chart's viewBox
WIDTH = ZERO_GAP + STEP * (2 * SPAN + 3)
TICKS = (-3, -2, -1, 0, 1, 2, 3)


@dataclass(frozen=True)
class Bar:
    """One bar: its place, what it counts, and whether it lies beyond the limit."""

    x: int
    y: float
    height: float
    beyond: bool
    label: str


@dataclass(frozen=True)
class Histogram:
    """The bars of one op against one oracle, with what they show in words."""

    op: str
    against: str
    bars: list[Bar]
    total: int
    zero: int
    beyond: int
    unmeasured: int
    median: str
    worst: str


def histogram(op: str, against: str, shares: Iterable[float | None]) -> Histogram:
    """shares: error over its limit, of each comparison; None where nothing was measured."""
    given = list(shares)
    measured = [h for h in given if h is not None]
    ranks = sorted(math.inf if math.isnan(h) else h for h in measured)
    bins = Counter(map(bin_of, measured))
    peak = max(bins.values(), default=1)
    return Histogram(
        op=op,
        against=against,
        bars=[bar(index, count, peak) for index, count in sorted(bins.items())],
        total=len(measured),
        zero=bins[0],
        beyond=sum(h > 1 for h in ranks),
        unmeasured=len(given) - len(measured),
        median=number(statistics.median_low(ranks) if ranks else None),
        worst=number(ranks[-1] if ranks else None),
    )


def bin_of(limit_used: float) -> int:
    """0 for no error at all, then a quarter of a decade each; the limit itself still passes.

    >>> bin_of(0), bin_of(1e-9), bin_of(1), bin_of(1.001), bin_of(float("inf"))
    (0, 1, 13, 14, 26)
    """
    if limit_used == 0:
        return 0
    if not math.isfinite(limit_used):
        return 2 * SPAN + 2
    quarter = math.ceil(PER_DECADE * math.log10(limit_used))
    return min(max(quarter, -SPAN), SPAN + 1) + SPAN + 1


def bar(index: int, count: int, peak: int) -> Bar:
    """The bar of one bin, as high as its share of the fullest one."""
    height = max(2.0, round(HEIGHT * count / peak, 1))  # one failure in thousands stays visible
    return Bar(
        x=left_of(index),
        y=round(HEIGHT - height, 1),
        height=height,
        beyond=index > SPAN + 1,
        label=f"{range_of(index)}: {many(count, 'comparison')}",
    )


def left_of(index: int) -> int:
    """Where a bin's bar starts."""
    return STEP * index + (ZERO_GAP if index else 0)


def range_of(index: int) -> str:
    """A bin's shares in words."""
    if index == 0:
        return "no error"
    low, high = (10 ** ((index - SPAN - 1 - side) / PER_DECADE) for side in (1, 0))
    if index == 1:
        return f"up to {number(high, 2)}"
    return f"{number(low, 2)} to {number(high, 2)}" if index < 2 * SPAN + 2 else f"over {low:.0f}"


def ticks() -> list[tuple[float, str]]:
    """Where the axis is marked: 0.001 (no room for its label) … 1 (the limit) … 1000."""
    labels = ("", *(f"{10.0**t:g}" for t in TICKS[1:]))
    places = (left_of(PER_DECADE * t + SPAN + 2) - 0.5 for t in TICKS)
    return list(zip(places, labels, strict=True))
