"""A submission's report for people: its functions in the order of the file, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .report import Check, Report
from .terminal import STYLES, say
from .words import headline, many, number, replay_line, values_at_worst, visible

if TYPE_CHECKING:
    from rich.console import Console


def print_functions(report: Report, console: Console) -> None:
    """Tell each function's verdict; for a failing one what, where, how bad, how to replay it."""
    width = max((len(check.target) for check in report.checks), default=0)
    say(console, title(report))
    for check in report.checks:
        style = STYLES[check.verdict]
        say(console, f"  {word(check):<12} {check.target:<{width}}  {found(check)}", style)
        for line in details(check, report):
            say(console, f"      {line}")
    say(console)
    say(console, headline(report), "bold green" if report.passed else "bold red")


def title(report: Report) -> str:
    """`layers.py (cs231n): 18 of 20 functions pass; recorded answers, isolated by bubblewrap`."""
    passed = sum(check.passed for check in report.checks)
    answers = report.manifest.get("answers", "")
    isolation = report.manifest.get("isolation", "")
    told = ", ".join(filter(None, [
        f"{answers} answers" if answers else "", f"isolation: {isolation}" if isolation else "",
    ]))  # fmt: skip
    counted = f"{passed} of {many(len(report.checks), 'function')} pass"
    return f"{visible(report.subject)} ({report.profile}): {counted}; {told}"


def word(check: Check) -> str:
    """What stands before a function: `ok`, or its verdict in capitals."""
    return "ok" if check.passed else check.verdict.upper()


def found(check: Check) -> str:
    """What a function's cases came to."""
    if check.verdict == "skipped" or not check.cases:
        return visible(check.note.splitlines()[0]) if check.note else "nothing to compare"
    if check.passed:
        note = f"; {check.note}" if check.note else ""
        return f"{check.verdict} in {many(check.cases, 'case')}{visible(note)}"
    return f"in {check.failed} of {many(check.cases, 'case')}"


def details(check: Check, report: Report) -> list[str]:
    """For a failing function: the first wrong array, the smallest case, its replay line."""
    wrong = check.first_wrong
    if check.passed or wrong is None:
        return []
    lines = [f"{wrong.array or 'the call'}: {reason(check)}"]
    if wrong.max_abs is not None:
        lines.append(f"error {number(wrong.max_abs)}, {number(wrong.headroom)} times the limit")
    if check.note:
        lines.append(visible(check.note))
    return [*lines, replay_line(wrong.case, report.subject)]


def reason(check: Check) -> str:
    """Why it is wrong, in the first line; their traceback follows."""
    wrong = check.first_wrong
    if wrong is None:
        return ""
    if wrong.reason:
        return visible("\n        ".join(wrong.reason.splitlines()))
    return visible(values_at_worst(wrong))
