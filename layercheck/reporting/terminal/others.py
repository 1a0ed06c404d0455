"""What else a report tells: defects of the oracles, what was skipped, what was not checked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..report import Report
from ..words import (
    known_defects,
    many,
    never_run,
    never_varied,
    on_one_line,
    replay_line,
    visible,
)
from .lines import column, entry, say

if TYPE_CHECKING:
    from rich.console import Console

LISTED = 8
"""How many names are listed one a line where one reason is that of all."""


def print_not_checked(report: Report, console: Console) -> None:
    """The functions and classes that no check is about, with the reason."""
    if not report.not_checked:
        return
    say(console, f"not checked: {len(report.not_checked):,}", "bold")
    shared = Counter(one.reason for one in report.not_checked)
    listed = [one for one in report.not_checked if shared[one.reason] <= LISTED]
    for one, name in zip(listed, column([o.name for o in listed], console), strict=True):
        say(console, f"  {name}  {visible(one.reason)}")
    for reason in (reason for reason, count in shared.items() if count > LISTED):
        alike = [one.name for one in report.not_checked if one.reason == reason]
        say(console, f"  {visible(reason)}: {on_one_line(', '.join(alike))}")
    say(console)


def print_remarks(report: Report, console: Console) -> None:
    """What is to be known of a module's functions that do not fail: notes, arguments that no case
    varied, and what none ran."""
    fine = [check for check in report.checks if not check.failed]
    told = [(c, "; ".join(filter(None, [c.note, never_varied(c), never_run(c)]))) for c in fine]
    found = [(check, text) for check, text in told if text]
    names = column([check.target for check, _ in found], console)
    for (_, text), name in zip(found, names, strict=True):
        say(console, f"  {name}  {visible(text)}")
    if found:
        say(console)


def print_defects(report: Report, console: Console, verbose: bool) -> None:
    """The known ones by id, then each new one."""
    if not report.defects:
        return
    say(console, f"defects of the oracles: {len(report.new_defects):,} new", "bold")
    for group in known_defects(report):
        oracles = ", ".join(group.oracles)
        times = many(len(group.defects), "time")
        entry(console, "known", f"{group.known}: {oracles}, {times}: {group.reason}")
        for defect in group.defects if verbose else ():
            say(console, f"    {replay_line(defect.case, f'oracle:{defect.oracle}')}", "dim")
    for defect in report.new_defects:
        entry(console, "NEW", f"{defect.oracle}: {defect.what}", style="bold red")
        line = replay_line(defect.case, f"oracle:{defect.oracle}")
        entry(console, "replay", line, keep=True)
    say(console)


def print_skipped(report: Report, console: Console) -> None:
    """How many cases were skipped, by reason."""
    reasons = report.manifest.skipped
    if not reasons:
        return
    say(console, f"skipped: {sum(reasons.values()):,}", "bold")
    width = max(len(f"{count:,}") for count in reasons.values())
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        say(console, f"  {count:>{width},}  {reason}")
    say(console)
