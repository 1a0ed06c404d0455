"""What a lockstep training found: the data, and the same as text, JSON and a page."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .files import write_text

WIDTH, HEIGHT = 300, 140  # of a chart, in the units of its viewBox
LEFT, BOTTOM = 40, 18
FLOOR = 1e-20  # where a divergence of 0 is drawn
DASHES = ("", "6 3", "2 3", "8 3 2 3")  # colour is never the only sign
COLOURS = ("#0b6e99", "#c2410c", "#15803d", "#7e22ce")


@dataclass(frozen=True)
class Departure:
    """Where a training left the limit first: step, array, and the others that left with it."""

    step: int
    tensor: str
    divergence: float
    limit: float
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        also = f"; with it {', '.join(self.also)}" if self.also else ""
        return (
            f"step {self.step}, {self.tensor}: {self.divergence:.2g} from the truth, "
            f"limit {self.limit:.2g}{also}"
        )


@dataclass
class LockstepReport:
    """A lockstep training.

    limits: by array, one a step · divergences: by training and array, the largest error of an
    element, one a step · largest: by array, the largest true element · departures: by training,
    where it left its limits, or None.
    """

    net: str
    settings: dict[str, Any]
    environment: dict[str, str]
    limits: dict[str, list[float]] = field(default_factory=dict)
    divergences: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    largest: dict[str, float] = field(default_factory=dict)
    departures: dict[str, Departure | None] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.limits["loss"])

    @property
    def passed(self) -> bool:
        """Whether all stayed within their limits."""
        return not any(self.departures.values())

    @property
    def silent(self) -> list[str]:
        """Arrays that were never larger than their limit: comparing them shows nothing."""
        return [name for name, size in self.largest.items() if size <= self.limits[name][-1]]

    @property
    def conclusion(self) -> str:
        """What came out, in a sentence or two."""
        left = {who: d for who, d in self.departures.items() if d is not None}
        others = [who for who in self.departures if who != "numpy"]
        if not left:
            told = f"{' and '.join(['numpy', *others])} stayed in lockstep for {self.steps} steps."
            zero = f" Within rounding of 0, so not compared: {', '.join(self.silent)}."
            return told + (zero if self.silent else "")
        told = " ".join(f"{who} left first at {d}." for who, d in left.items())
        if "numpy" not in left and others and all(who in left for who in others):
            agree = "All frameworks contradict" if len(others) > 1 else f"{others[0]} contradicts"
            told += f" {agree} the NumPy net: look for the mistake there."
        return told

    def share(self, who: str, name: str) -> tuple[float, int]:
        """The largest share of the limit that a training used, and at which step."""
        pairs = zip(self.divergences[who][name], self.limits[name], strict=True)
        shares = [0.0 if d == 0 else d / limit if limit else math.inf for d, limit in pairs]
        worst = max(range(len(shares)), key=shares.__getitem__)
        return shares[worst], worst


def text(report: LockstepReport) -> str:
    """A table: for each array its limit at the end and how much of it each training used."""
    trainings = list(report.divergences)
    wide = max(len(name) for name in report.limits) + 2
    lines = [f"{'array':{wide}}{'largest':>10}{'limit at end':>14}" + heads(trainings)]
    for name, limits in report.limits.items():
        row = f"{name:{wide}}{report.largest[name]:>10.2g}{limits[-1]:>14.2g}"
        lines.append(row + "".join(f"{share_text(report, who, name):>20}" for who in trainings))
    return "\n".join([*lines, "", report.conclusion])


def heads(trainings: Sequence[str]) -> str:
    return "".join(f"{who + ' used':>20}" for who in trainings)


def share_text(report: LockstepReport, who: str, name: str) -> str:
    share, step = report.share(who, name)
    return f"{share:.2g} (step {step})"


def as_json(report: LockstepReport) -> dict[str, Any]:
    """The report as JSON values; infinite numbers as "inf"."""
    return {
        "net": report.net,
        "passed": report.passed,
        "conclusion": report.conclusion,
        "settings": report.settings,
        "environment": report.environment,
        "departures": {
            who: None if d is None else {**vars(d), "also": list(d.also)}
            for who, d in report.departures.items()
        },
        "limits": report.limits,
        "divergences": report.divergences,
        "largest": report.largest,
    }


def finite(value: Any) -> Any:
    """The same with numbers that JSON lacks as text."""
    if isinstance(value, dict):
        return {name: finite(v) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def write_json(report: LockstepReport, path: str | os.PathLike[str]) -> None:
    """Write the report as JSON; raises OSError."""
    write_text(path, json.dumps(finite(as_json(report)), allow_nan=False, indent=1) + "\n")


# ---------------------------------------------------------------------- the page


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
        return round((HEIGHT - BOTTOM - 4) * (high - exponent) / (high - low) + 4, 1)

    def points(trace: Sequence[float]) -> str:
        last = max(1, len(trace) - 1)
        xs = (LEFT + (WIDTH - LEFT - 4) * i / last for i in range(len(trace)))
        return " ".join(f"{x:.1f},{y_of(decade(v))}" for x, v in zip(xs, trace, strict=True))

    lines = [Line("limit", points(limits), "#777", "1 2")]
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


def write_html(report: LockstepReport, path: str | os.PathLike[str]) -> None:
    """Write the page; raises OSError."""
    write_text(path, html_text(report))


def html_text(report: LockstepReport) -> str:
    """The page as text: nothing is fetched, and there are no scripts."""
    from .page.environment import environment  # the templates are needed for a page only

    template = environment().get_template("lockstep.html.j2")
    return template.render(
        report=report,
        charts=list(charts(report)),
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        bottom=HEIGHT - BOTTOM,
        share_text=share_text,
    )
