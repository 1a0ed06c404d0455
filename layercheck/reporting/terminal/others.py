"""What else a report tells: defects of the oracles, what was skipped, what was not checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report import Report
from ..words import known_defects, many, replay_line, visible
from .lines import entry, say

if TYPE_CHECKING:
    from rich.console import Console


def print_not_checked(report: Report, console: Console) -> None:
    """The functions and classes that no check is about, with the reason."""
    if not report.not_checked:
        return
    say(console, f"not checked: {len(report.not_checked):,}", "bold")
    width = max(len(one.name) for one in report.not_checked)
    for one in report.not_checked:
        say(console, f"  {visible(one.name):<{width}}  {visible(one.reason)}")
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
