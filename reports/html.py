"""A report as one self-contained page: nothing is fetched, and most of it reads without scripts."""

from __future__ import annotations

import base64
import hashlib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from . import histogram as charts
from . import words
from .files import write_text
from .report import PASSING, VERDICTS, VERSION, Check, Comparison, Report, Row, largest
from .report import worst_verdict as worst_of

if TYPE_CHECKING:
    from jinja2 import Environment

SYMBOLS = dict(zip(VERDICTS, "=≈~±×!–", strict=True))  # colour is never the only sign
WORST_SHOWN = 10  # of each op, beside its failures
FAILURES_SHOWN = 200  # of the report


@dataclass(frozen=True)
class Cell:
    """One op against one oracle in the matrix."""

    verdict: str
    cases: int
    failed: int
    headroom: float | None
    told: str


@dataclass(frozen=True)
class WorstOf:
    """The comparisons of one op that the page lists: its failures first, then the worst others."""

    op: str
    rows: list[Comparison]
    failed: int
    failed_shown: int
    headroom: float | None


@dataclass(frozen=True)
class Failure:
    """A check that failed, with its smallest failing comparison."""

    check: Check
    pattern: str
    smallest: Comparison | None


def write_html(report: Report, path: str | os.PathLike[str]) -> None:
    """Write the page; raises OSError, and then leaves what was at `path` before as it was."""
    write_text(path, html_text(report))


def html_text(report: Report) -> str:
    """The page as text."""
    return environment().get_template("report.html.j2").render(view(report))


def summary_text(rows: Sequence[Any], links: Mapping[str, str]) -> str:
    """The page that sums up many submissions, with a link to each report."""
    page = environment().get_template("summary.html.j2")
    return page.render(rows=rows, links=links)


def view(report: Report) -> dict[str, Any]:
    """All that the template shows."""
    rows = report.rows()
    worst = worst_cases(report)
    return {
        "report": report,
        "version": VERSION,
        "rows": rows,
        "oracles": list(dict.fromkeys(row.against for row in rows)),
        "matrix": matrix(rows),
        "bar": verdict_bar(report.summary["verdicts"]),
        "headroom": largest(row.headroom for row in rows),
        "failures": [
            Failure(check, words.pattern(report, check), words.smallest_failure(report, check))
            for check in words.failing_checks(report)
        ],
        "worst": worst,
        "left_out": sum(w.failed - w.failed_shown for w in worst),
        "histograms": histograms(report),
        "known": words.known_defects(report),
        "skipped": sorted(words.skipped(report).items(), key=lambda item: -item[1]),
        "manifest": {k: v for k, v in report.manifest.items() if k != "skipped"},
    }


def matrix(rows: Sequence[Row]) -> dict[str, dict[str, Cell]]:
    """The cells by op, then by oracle; a pair that was not compared has none."""
    cells: dict[str, dict[str, Cell]] = {}
    for row in rows:
        cells.setdefault(row.op, {})[row.against] = Cell(
            verdict=worst_of(v for v in VERDICTS if row.verdicts.get(v)),
            cases=row.cases,
            failed=sum(
                n for v, n in row.verdicts.items() if v not in PASSING and v != "skipped"
            ),
            headroom=row.headroom,
            told=words.verdict_counts(row.verdicts),
        )  # fmt: skip
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


def histograms(report: Report) -> list[charts.Histogram]:
    """One for each op and oracle, in the order of the matrix."""
    groups: dict[tuple[str, str], list[float | None]] = {}
    for c in words.of_subject(report):
        if c.verdict != "skipped":
            groups.setdefault((c.op, c.against), []).append(c.headroom)
    return [charts.histogram(*key, headrooms) for key, headrooms in groups.items()]


def worst_cases(report: Report) -> list[WorstOf]:
    """For each op its failures, FAILURES_SHOWN in all, and the WORST_SHOWN others by headroom."""
    shown = {id(c) for c in fair_share(words.failures(report), FAILURES_SHOWN)}
    by_op: dict[str, list[Comparison]] = {}
    for comparison in words.of_subject(report):
        by_op.setdefault(comparison.op, []).append(comparison)
    return [worst_of_op(op, comparisons, shown) for op, comparisons in by_op.items()]


def worst_of_op(op: str, comparisons: Sequence[Comparison], shown: set[int]) -> WorstOf:
    """What is listed of one op; shown: the ids of the failures that have a place."""
    made = [c for c in comparisons if c.verdict != "skipped"]
    failed = [c for c in made if not c.passed]
    listed = sorted((c for c in failed if id(c) in shown), key=badness)
    others = sorted((c for c in made if c.passed and c.headroom is not None), key=badness)
    return WorstOf(
        op=op,
        rows=listed + others[:WORST_SHOWN],
        failed=len(failed),
        failed_shown=len(listed),
        headroom=largest(c.headroom for c in made),
    )


def badness(comparison: Comparison) -> float:
    """For sorting the worst first: what has no number at all, or nan, before the largest."""
    headroom = comparison.headroom
    return -math.inf if headroom is None or math.isnan(headroom) else -headroom


def fair_share(comparisons: Sequence[Comparison], limit: int) -> list[Comparison]:
    """At most `limit`, taken in turn from each op, array and oracle, so that none hides another."""
    taken: dict[tuple[str, str, str], int] = {}
    turns = []
    for comparison in comparisons:
        key = (comparison.op, comparison.array, comparison.against)
        taken[key] = taken.get(key, 0) + 1
        turns.append(taken[key])
    order = sorted(range(len(turns)), key=turns.__getitem__)
    return [comparisons[i] for i in sorted(order[:limit])]


@cache
def environment() -> Environment:
    """The templates, with everything escaped that is not a template's own text."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(template), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=printable,
    )  # fmt: skip
    made.filters.update(number=words.number, told=words.told, sentence=sentence)
    made.globals |= {
        "symbols": SYMBOLS, "meanings": words.MEANINGS, "passing": PASSING, "words": words,
        "charts": charts, "style": trusted("report.css"), "script": trusted("report.js"),
        "policy": policy(),
    }  # fmt: skip
    return made


def template(name: str) -> str:
    """A file of the templates folder."""
    path = resources.files("reports") / "templates" / name
    return path.read_text(encoding="utf-8")


def trusted(name: str) -> Any:
    """A file of ours as markup, which is not escaped."""
    from markupsafe import Markup

    return Markup(template(name))


def printable(value: Any) -> Any:
    """Text with control and bidi characters written out; our own markup as it is."""
    return words.visible(value) if type(value) is str else value


def policy() -> str:
    """A Content-Security-Policy under which only our own script and style run, and no fetch."""
    script, style = (digest(template(name)) for name in ("report.js", "report.css"))
    return f"default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'"


def digest(text: str) -> str:
    """The text's hash as a Content-Security-Policy writes it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def sentence(text: str) -> str:
    """The text with a capital letter; names within it keep theirs."""
    return text[:1].upper() + text[1:]
