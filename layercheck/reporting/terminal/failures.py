"""What failed: what, where and how bad, in that order, then the line that asks it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..records import Check, Comparison
from ..report import Report
from ..verdict import Verdict
from ..words import (
    error_there,
    largest_errors,
    pattern,
    place,
    replay_line,
    values_at_worst,
    why,
)
from .lines import entry, say, show

if TYPE_CHECKING:
    from rich.console import Console

PHRASES = {
    Verdict.ERROR: "fails with an error",
    Verdict.SKIPPED: "was skipped",
    Verdict.NOT_JUDGED: "was not judged",
}


def print_failures(report: Report, console: Console, verbose: bool) -> None:
    """Every check that did not pass."""
    for check in report.failing_checks:
        print_check(check, console)
        for comparison in report.failures if verbose else ():
            if comparison.op == check.op:
                say(console, f"  {one_line(comparison)}", "dim")


def print_check(check: Check, console: Console) -> None:
    """One of them, by its failing record."""
    wrong = check.first_wrong
    what = f"{check.target} {wrong.array if wrong else ''}".strip()
    phrase = PHRASES.get(check.verdict, f"is {check.verdict}")
    say(console, f"{what} {phrase}: {pattern(check)}", "bold")
    if wrong is not None:
        print_record(check, wrong, console)
    say(console)


def print_record(check: Check, wrong: Comparison, console: Console) -> None:
    """The failing record: where, the values, how bad, how to ask again."""
    told = {
        "smallest": wrong.case,
        "called": wrong.called,
        "where": place(wrong),
        "values": values_at_worst(wrong),
        "how bad": error_there(wrong),
        "array": largest_errors(wrong),
        "reason": wrong.reason,
        "note": check.note,
        "replay": replay_line(wrong.case, check.replay, wrong.probe),
    }
    for name, text in told.items():
        if text:
            entry(console, name, text, keep=name in ("smallest", "replay"))
    for head, text in why(check):
        entry(console, head, text)
    show(check.picture, console, "  ", wrong.case)


def one_line(comparison: Comparison) -> str:
    """A failing comparison for the verbose list."""
    how = error_there(comparison) or comparison.reason.partition("\n")[0]
    return (
        f"{comparison.verdict} {comparison.array} against {comparison.against}: "
        f"{comparison.case} ({how})"
    )
