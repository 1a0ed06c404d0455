"""Each array's divergence over the steps of a training, on a log scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .records import LockstepReport

WIDTH, HEIGHT = 300, 140  # of a chart, in the units of its viewBox
LEFT, BOTTOM, TOP = 40, 18, 8
FLOOR = 1e-20  # where a divergence of 0 is drawn
DASHES = ("", "6 3", "2 3", "8 3 2 3")  # colour is never the only sign
COLOURS = ("#0b6e99", "#c2410c", "#15803d", "#7e22ce")


@dataclass(frozen=True)
class Line:
    """One polyline of a chart."""

    label: str
    points: str
    colour: str
    dash: str


@dataclass(frozen=True)
class Chart:
    """An array's divergence over the steps, on a log scale; ticks: (y, text)."""

    name: str
    lines: list[Line]
    ticks: list[tuple[float, str]]
    told: str


def charts(report: LockstepReport) -> Iterator[Chart]:
    """One for each array."""
    for name, limits in report.limits.items():
        traces = {who: found[name] for who, found in report.divergences.items()}
        yield chart(name, limits, traces)


def chart(name: str, limits: list[float], traces: dict[str, list[float]]) -> Chart:
    """Lines from the smallest to the largest decade that occurs."""
    values = [*limits, *(v for trace in traces.values() for v in trace)]
    decades = [decade(v) for v in values]
    low, high = math.floor(min(decades)), math.ceil(max(decades))
    high = max(high, low + 1)

    def y_of(exponent: float) -> float:
        return round((HEIGHT - BOTTOM - TOP) * (high - exponent) / (high - low) + TOP, 1)

    def points(trace: Sequence[float]) -> str:
        last = max(1, len(trace) - 1)
        xs = (LEFT + (WIDTH - LEFT - 4) * i / last for i in range(len(trace)))
        return " ".join(f"{x:.1f},{y_of(decade(v))}" for x, v in zip(xs, trace, strict=True))

    lines = [Line("limit", points(limits), "#1a1a1a", "2 2")]
    for number, (who, trace) in enumerate(traces.items()):
        style = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        lines.append(Line(who, points(trace), *style))
    step = max(1, (high - low) // 4)
    ticks = [(y_of(e), f"1e{e}") for e in range(low, high + 1, step)]
    ends = ", ".join(f"{who} {trace[-1]:.2g}" for who, trace in traces.items())
    return Chart(name, lines, ticks, f"at the last step: limit {limits[-1]:.2g}, {ends}")


def decade(value: float) -> float:
    """log10 within what can be drawn."""
    return math.log10(min(max(value, FLOOR), 1e20)) if not math.isnan(value) else 20.0
