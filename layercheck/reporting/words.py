"""The words and numbers that the terminal, the page and every other output share."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .numbers import joined, number
from .records import Check, Comparison, Defect, Diagnosis, NeverRun
from .report import Report
from .verdict import Verdict

DIGITS = {"float16": 5, "float32": 9}
"""What tells two neighbours apart; 17 for float64."""


COMMANDS = re.compile(r"^(\s*)(:)(?=:)|(#)(?=#\[)", re.MULTILINE)
"""What makes a line of output a command to GitHub's runner: `::` after any space, `##[` at all."""


def inert(text: str) -> str:
    r"""The text without commands to the machine that runs it in CI: their first character written
    out.

    >>> print(inert("  ::error::no"))
      \x3a:error::no
    """
    return COMMANDS.sub(lambda m: f"{m[1] or ''}\\x{ord(m[2] or m[3]):02x}", text)


def visible(text: str) -> str:
    r"""The text with what would act rather than show written out: escapes, bidi marks, surrogates,
    commands.

    >>> print(visible("a\x1b[2J"))
    a\x1b[2J
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)
    return inert(text)


def on_one_line(text: str) -> str:
    r"""The same of a name: line breaks and tabs written out too.

    >>> print(on_one_line("new\nline.py"))
    new\nline.py
    """
    return inert("".join(c if c.isprintable() else ascii(c)[1:-1] for c in text))


def safe(value: Any) -> Any:
    """A cell that acts nowhere: a spreadsheet takes one that begins with one of these for a
    formula, a terminal does what escapes say."""
    text = on_one_line(str(value))
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def many(count: int, noun: str) -> str:
    """A count with its noun: `1,860 cases`, `1 case`, `2 processes`."""
    ending = "es" if noun.endswith("s") else "s"
    return f"{count:,} {noun}" + ("" if count == 1 else ending)


def share_failing(failed: int, cases: int) -> str:
    """How many of so many cases fail: `1 of 3 fails`, `2 of 3 fail`."""
    return f"{failed:,} of {cases:,} {'fails' if failed == 1 else 'fail'}"


def in_words(value: Any) -> str:
    """A manifest's or an environment's value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {in_words(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(in_words, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


# ---------------------------------------------------------------------- one comparison


def replay_line(case: str, options: str, probe: str = "") -> str:
    """The command that runs one case again, quoted for a shell.

    options: the subject, and what else the command has to be told; empty: a program's own, which is
    asked from there · probe: the one that failed.
    """
    if not options:
        return f"layercheck.assert_agrees(..., {json.dumps(case)})"
    quoted = shlex.quote(case) if re.search(r'["$`\\!]', case) else f'"{case}"'
    return f"layercheck replay {quoted} {options}" + (f" --probe {probe}" if probe else "")


def values_at_worst(comparison: Comparison) -> str:
    """`got 0.5, expected 0.25 at [0, 1]`, or nothing where no value was compared."""
    if comparison.got is None and comparison.expected is None:
        return ""
    digits = DIGITS.get(comparison.dtype, 17)
    got, expected = (number(v, digits) for v in (comparison.got, comparison.expected))
    at = f" at {list(comparison.worst_index)}" if comparison.worst_index is not None else ""
    return f"got {got}, expected {expected}{at}"


def error_there(comparison: Comparison) -> str:
    """`error 0.25, 3.1e4 times the limit`, of the element that is shown."""
    if comparison.error is None or not comparison.error:
        return ""
    share = number(comparison.limit_used)
    return f"error {number(comparison.error)}, {share} times the limit"


def largest_errors(comparison: Comparison) -> str:
    """How bad the whole array is: `largest error 0.2, ...`; empty if nothing was measured."""
    parts = {
        "largest error": comparison.max_abs,
        "relative": comparison.max_rel,
        "in ulp": comparison.max_ulp,
        "tolerance needed": comparison.needed_tolerance,
    }
    return ", ".join(f"{name} {number(v)}" for name, v in parts.items() if v is not None)


def shapes_of(comparison: Comparison) -> str:
    """`shape 2x3`, or both where they differ."""
    if comparison.expected_shape and comparison.shape != comparison.expected_shape:
        return f"shape {comparison.shape or '?'}, expected {comparison.expected_shape}"
    return f"shape {comparison.shape}" if comparison.shape else ""


def place(comparison: Comparison) -> str:
    """`against torch, float32, shape 2x3`."""
    parts = (f"against {comparison.against}", comparison.dtype, shapes_of(comparison))
    return ", ".join(filter(None, parts))


# ---------------------------------------------------------------------- one check


def pattern(check: Check) -> str:
    """`fails in 17 of 48 cases, in dx; out and dw pass`."""
    if not check.failed:
        return check.note.partition("\n")[0] or gap(check)
    text = f"fails in {check.failed:,} of {many(check.cases, 'case')}"
    if check.arrays_wrong:
        text += f", in {joined(check.arrays_wrong)}"
        if check.arrays_right:
            verb = "passes" if len(check.arrays_right) == 1 else "pass"
            text += f"; {joined(check.arrays_right)} {verb}"
    return text


def gap(check: Check) -> str:
    """How much of a check was compared, where that is not all."""
    if not check.compared:
        return "nothing was compared"
    if check.compared == check.cases:
        return never_run(check)
    return f"only {check.compared:,} of {many(check.cases, 'case')} could be compared"


def why(check: Check) -> list[tuple[str, str]]:
    """Where it fails and why, each with its head: `where`, `why`, `look`."""
    return with_heads(check.diagnoses)


def with_heads(diagnoses: Sequence[Diagnosis]) -> list[tuple[str, str]]:
    """The same of diagnoses."""
    told = [("where" if d.is_condition else "why", d.text) for d in diagnoses]
    return [*told, *(("look", d.hint) for d in diagnoses if d.hint)]


def blame(check: Check) -> str:
    """`conv_forward_naive wrong`."""
    return f"{on_one_line(check.target)} {check.verdict}"


def never_varied(check: Check) -> str:
    """The arguments that were never varied: `never varied: padding`; empty if there are none."""
    lacking = check.attributes.not_varied
    return f"never varied: {', '.join(lacking)}" if lacking and check.compared else ""


def never_run(check: Check, most: int = 3) -> str:
    """`lines 41 to 43 (if C > 64) never run`; empty if every line was run, or where it fails."""
    told = [f"{lines(one)} ({one.what})" for one in check.never_run]
    if not told or check.failed:
        return ""
    more = [f"{len(told) - most} more places"] if len(told) > most else []
    return f"{joined([*told[:most], *more])} never run"


def lines(place: NeverRun) -> str:
    """`line 41`, `lines 41 to 43 of conv2d.py`."""
    text = f"line {place.first}"
    if place.last > place.first:
        text = f"lines {place.first} to {place.last}"
    return f"{text} of {place.file}" if place.file else text


# ---------------------------------------------------------------------- a report


def replay_line_of(report: Report, comparison: Comparison) -> str:
    """The command for any comparison of the subject: as the check of its function says."""
    options = (c.replay for c in report.checks if c.target == comparison.function)
    subject = next(options, shlex.quote(report.subject))
    return replay_line(comparison.case, subject, comparison.probe)


@dataclass(frozen=True)
class KnownDefect:
    """The defects that share one entry of the list of known ones."""

    known: str
    oracles: list[str]
    reason: str
    defects: list[Defect]


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


def counted(report: Report) -> str:
    """`1,860 cases, 20,000 comparisons`, with a word where the run is partial."""
    summary = report.summary
    text = f"{many(summary.cases, 'case')}, {many(summary.comparisons, 'comparison')}"
    return f"{text} (partial: interrupted before everything was asked)" if report.partial else text


def why_failed(report: Report) -> str:
    """What made the report fail: `conv2d wrong, 1 new defect`; empty if it passed."""
    if report.passed:
        return ""
    blamed = [check for check in report.failing_checks if report.fails(check.verdict)]
    reasons = [blame(check) for check in blamed or report.failing_checks]
    if report.new_defects:
        reasons.append(many(len(report.new_defects), "new defect"))
    if report.regressions:
        reasons.append(f"{many(len(report.regressions), 'regression')} against the baseline")
    return ", ".join(reasons) or "nothing was compared"


def headline(report: Report) -> str:
    """The report in one line."""
    if report.passed:
        return f"passed: {counted(report)}"
    return f"FAILED: {why_failed(report)}; {counted(report)}"


def verdict_counts(verdicts: Mapping[str, int]) -> str:
    """`3 wrong, 45 rounding`, the worst first and without zeros."""
    ranks = list(Verdict)
    shown = sorted((v for v in verdicts if verdicts[v]), key=lambda v: -ranks.index(Verdict(v)))
    return ", ".join(f"{verdicts[verdict]:,} {verdict}" for verdict in shown)
