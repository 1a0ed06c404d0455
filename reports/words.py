"""The words and numbers that the terminal and the page share, and which failures they tell."""

from __future__ import annotations

import math
import re
import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .report import Check, Comparison, Defect, Report

MEANINGS = {
    "exact": "equal bit for bit",
    "rounding": "within the error that rounding alone may cause",
    "convention": "agrees with one framework where frameworks differ among themselves",
    "inaccurate": "right formula, unstable arithmetic: right when run in higher precision",
    "wrong": "beyond what rounding explains",
    "error": "raised, timed out, wrong shape or dtype, changed its inputs, or not finite",
    "skipped": "not compared, for the reason given",
}

DIGITS = {"float16": 5, "float32": 9}  # what tells two neighbours apart; 17 for float64


@dataclass(frozen=True)
class KnownDefect:
    """The defects that share one entry of the list of known ones."""

    known: str
    oracles: list[str]
    reason: str
    defects: list[Defect]


def visible(text: str) -> str:
    r"""The text with what would act rather than show written out: escapes, bidi marks, surrogates.

    >>> print(visible("a\x1b[2J"))
    a\x1b[2J
    """
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def number(value: float | None, digits: int = 3, none: str = "·") -> str:
    """A number in few characters.

    >>> number(0.12345), number(123456.0), number(5e-7), number(None), number(42.0)
    ('0.123', '1.23e5', '5e-7', '·', '42')
    """
    if value is None:
        return none
    if abs(value) < 10**digits and value == int(value):
        return str(int(value))
    return re.sub(r"e([+-])0*(\d)", lambda m: "e" + m[1].strip("+") + m[2], f"{value:.{digits}g}")


def many(count: int, noun: str) -> str:
    """A count with its noun: `1,860 cases`, `1 case`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def told(value: Any) -> str:
    """A manifest's or an environment's value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {told(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(told, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def replay_line(case: str, subject: str) -> str:
    """The command that runs one case again, quoted for a shell."""
    quoted = shlex.quote(case) if re.search(r'["$`\\!]', case) else f'"{case}"'
    return f"layercheck replay {quoted} {shlex.quote(subject)}"


def values_at_worst(comparison: Comparison) -> str:
    """`got 0.5, expected 0.25 at [0, 1]`, or nothing where no value was compared."""
    if comparison.got is None and comparison.expected is None:
        return ""
    digits = DIGITS.get(comparison.dtype, 17)
    got, expected = (number(v, digits) for v in (comparison.got, comparison.expected))
    at = f" at {list(comparison.worst_index)}" if comparison.worst_index is not None else ""
    return f"got {got}, expected {expected}{at}"


def size_of_error(comparison: Comparison) -> str:
    """How bad, in one line: `headroom 3.1e4, max abs 0.2, ...`; empty if nothing was measured."""
    parts = {
        "headroom": comparison.headroom,
        "max abs": comparison.max_abs,
        "max rel": comparison.max_rel,
        "max ulp": comparison.max_ulp,
        "tolerance needed": comparison.needed_tolerance,
    }
    return ", ".join(f"{name} {number(v)}" for name, v in parts.items() if v is not None)


def shapes_of(comparison: Comparison) -> str:
    """`shape 2x3`, or both where they differ."""
    if comparison.expected_shape and comparison.shape != comparison.expected_shape:
        return f"shape {comparison.shape or '?'}, expected {comparison.expected_shape}"
    return f"shape {comparison.shape}" if comparison.shape else ""


def of_subject(report: Report, op: str | None = None) -> list[Comparison]:
    """The comparisons of the subject itself, not of an oracle with another; of one op if named."""
    return [
        c for c in report.comparisons if c.subject == report.subject and (op is None or c.op == op)
    ]


def failures(report: Report, op: str | None = None) -> list[Comparison]:
    """What was compared and failed, in the order of the report."""
    return [c for c in of_subject(report, op) if not c.passed and c.verdict != "skipped"]


def failing_checks(report: Report) -> list[Check]:
    """In the order of the report."""
    return [check for check in report.checks if not check.passed]


def case_size(case: str) -> int:
    """How many numbers a case's arrays have, for telling a small case from a large one.

    >>> case_size("conv2d x=2x3x4x5 w=2x3x1x1 b=2 stride=2")
    126
    """
    shapes = re.findall(r"=(\d+(?:x\d+)+)(?= |$)", case)
    return sum(math.prod(int(n) for n in shape.split("x")) for shape in shapes)


def smallest_failure(report: Report, check: Check) -> Comparison | None:
    """The failing comparison of the check's op with the smallest case; the first of equals."""
    found = failures(report, check.op)
    return min(found, key=lambda c: case_size(c.case), default=check.first_wrong)


def pattern(report: Report, check: Check) -> str:
    """`fails in 17 of 48 cases, in dx; out and dw pass`."""
    if check.verdict == "skipped":
        return "nothing was compared"
    text = f"fails in {check.failed:,} of {many(check.cases, 'case')}"
    bad = list(dict.fromkeys(c.array for c in failures(report, check.op)))
    good = [name for name in dict.fromkeys(c.array for c in of_subject(report, check.op))
            if name not in bad]  # fmt: skip
    if bad:
        text += f", in {joined(bad)}"
    if bad and good:
        text += f"; {joined(good)} {'passes' if len(good) == 1 else 'pass'}"
    return text


def joined(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def known_defects(report: Report) -> list[KnownDefect]:
    """The known defects by id, in the order in which they first appear."""
    groups: dict[str, list[Defect]] = {}
    for defect in report.defects:
        if defect.known is not None:
            groups.setdefault(defect.known, []).append(defect)
    return [
        KnownDefect(known, sorted({d.oracle for d in group}), group[0].reason, group)
        for known, group in groups.items()
    ]


def skipped(report: Report) -> dict[str, int]:
    """How many cases were skipped, by reason."""
    return dict(report.manifest.get("skipped") or {})


def counted(report: Report) -> str:
    """`1,860 cases, 20,000 comparisons`, with a word where the run is partial."""
    summary = report.summary
    text = f"{many(summary['cases'], 'case')}, {many(summary['comparisons'], 'comparison')}"
    return f"{text} (partial: not every planned case was run)" if report.partial else text


def why_failed(report: Report) -> str:
    """What made the report fail: `conv2d wrong, 1 new defect`; empty if it passed."""
    if report.passed:
        return ""
    reasons = [f"{check.op} {check.verdict}" for check in failing_checks(report)]
    if report.new_defects:
        reasons.append(many(len(report.new_defects), "new defect"))
    return ", ".join(reasons) or "nothing was compared"


def headline(report: Report) -> str:
    """The report in one line."""
    if report.passed:
        return f"passed: {counted(report)}"
    return f"FAILED: {why_failed(report)}; {counted(report)}"


def verdict_counts(verdicts: dict[str, int]) -> str:
    """`3 wrong, 45 rounding`, the worst first and without zeros."""
    shown = Counter({verdict: n for verdict, n in verdicts.items() if n})
    return ", ".join(f"{n:,} {verdict}" for verdict, n in reversed(shown.items()))
