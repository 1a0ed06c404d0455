"""A report on a terminal or in a log: what was found, what failed, the defects, one last line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report import Report
from ..words import headline, in_words
from .failures import print_failures
from .functions import print_functions
from .lines import say
from .others import print_defects, print_not_checked, print_remarks, print_skipped
from .table import print_table

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["print_report"]


def print_report(report: Report, console: Console, verbose: bool = False) -> None:
    """Tell the report, readable without colour too.

    verbose: the environment, every kept failure and every known defect's case as well.
    """
    if verbose:
        print_environment(report, console)
    is_file = bool(report.profile or report.manifest.isolation)
    if is_file:
        print_functions(report, console)
    else:
        if report.manifest.answers == "recorded":
            say(console, told_recorded(report))
        print_table(report, console)
        print_failures(report, console, verbose)
        print_remarks(report, console)
    print_not_checked(report, console)
    print_defects(report, console, verbose)
    if not is_file:
        print_skipped(report, console)
    say(console, headline(report), "bold green" if report.passed else "bold red")


def told_recorded(report: Report) -> str:
    """That the frameworks were not asked, and why."""
    text = "the quick grid, by recorded answers"
    is_given = any(not check.replay for check in report.checks)
    return text if is_given else f"{text}: the frameworks are not installed"


def print_environment(report: Report, console: Console) -> None:
    """Who was checked, and with what."""
    say(console, f"subject: {report.subject}")
    for name, value in report.environment.items():
        say(console, f"{name}: {in_words(value)}", "dim")
    say(console)
