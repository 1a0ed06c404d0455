"""All that the page shows, put together from a report."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ..records import Comparison
from ..report import VERSION, Report
from ..rows import Row, largest, rows
from ..verdict import Verdict
from ..words import known_defects, verdict_counts
from .accuracy import accuracies
from .histogram import Histogram, histogram
from .summed import summed


@dataclass(frozen=True)
class Cell:
    """One op against one oracle in the matrix. verdict: None where no case counts."""

    verdict: Verdict | None
    cases: int
    failed: int
    limit_used: float | None
    counted: str
    beyond: int
    failed_beyond: int


@dataclass(frozen=True)
class WorstOf:
    """The comparisons of one op that the page lists: failures first, then those nearest to the
    limit. failed: how many failures there are that count · beyond: how many do not, as their case
    goes beyond the contract."""

    op: str
    rows: list[Comparison]
    failed: int
    beyond: int
    failed_shown: int
    limit_used: float | None


def view(report: Report) -> dict[str, Any]:
    """The names that the template uses."""
    lines = rows(report)
    listed = worst_cases(report, lines)
    facts = {field.name: getattr(report.manifest, field.name) for field in fields(report.manifest)}
    return {
        "report": report,
        "version": VERSION,
        "oracles": list(dict.fromkeys(row.against for row in lines)),
        "matrix": matrix(lines),
        "bar": verdict_bar(report.summary.verdicts),
        "limit_used": largest(row.limit_used for row in lines),
        "worst": listed,
        "left_out": sum(w.failed + w.beyond - w.failed_shown for w in listed),
        "histograms": histograms(report),
        "accuracies": accuracies(report),
        "summed": summed(report),
        "known": known_defects(report),
        "beyond": len(report.cases.beyond),
        "cases_beyond": {report.cases.text[place] for place in report.cases.beyond},
        "failed_beyond": report.failing_beyond(),
        "skipped": sorted(report.manifest.skipped.items(), key=lambda item: -item[1]),
        "manifest": {n: v for n, v in facts.items() if n != "skipped" and v not in ("", {}, [])},
    }


def matrix(lines: Sequence[Row]) -> dict[str, dict[str, Cell]]:
    """The cells by op, then by oracle; a pair that was not compared has none."""
    cells: dict[str, dict[str, Cell]] = {}
    for row in lines:
        counted = verdict_counts(row.verdicts)
        verdict = row.worst if row.cases else None
        figures = (row.failed, row.limit_used, counted, row.beyond, row.failed_beyond)
        cell = Cell(verdict, row.cases, *figures)
        cells.setdefault(row.op, {})[row.against] = cell
    return cells


def verdict_bar(verdicts: dict[str, int]) -> list[tuple[str, float, float]]:
    """Verdict, start and width in percent of a bar that all cases fill."""
    total = sum(verdicts.values()) or 1
    parts, start = [], 0.0
    for verdict, count in verdicts.items():
        if count:
            parts.append((verdict, round(start, 2), round(100 * count / total, 2)))
            start += 100 * count / total
    return parts


def histograms(report: Report) -> list[Histogram]:
    """One for each op and oracle, in the order of the matrix."""
    groups: dict[tuple[str, str], list[float | None]] = {}
    for entry in report.counting():
        if not entry.verdict.is_silent:
            groups.setdefault((entry.op, entry.against), []).append(entry.limit_used)
    return [histogram(*key, shares) for key, shares in groups.items()]


def worst_cases(report: Report, lines: Sequence[Row]) -> list[WorstOf]:
    """For each op its failures that are kept, and the passing comparisons nearest to the limit."""
    failed: dict[str, Counter[bool]] = {}
    for entry in report.entries():
        failed.setdefault(entry.op, Counter())[entry.beyond] += report.fails(entry.verdict)
    return [
        worst_of(report, op, counted, [row for row in lines if row.op == op])
        for op, counted in failed.items()
    ]


def worst_of(report: Report, op: str, failed: Mapping[bool, int], lines: Sequence[Row]) -> WorstOf:
    """What is listed of one op. failed: by whether their case goes beyond the contract."""
    failures = sorted((c for c in report.failures if c.op == op), key=badness)
    closest = sorted((c for c in report.closest if c.op == op), key=badness)
    used = largest(row.limit_used for row in lines)
    return WorstOf(op, failures + closest, failed[False], failed[True], len(failures), used)


def badness(comparison: Comparison) -> float:
    """For sorting the worst first: what has no number at all, or nan, before the largest."""
    used = comparison.limit_used
    return -math.inf if used is None or math.isnan(used) else -used
