"""A file's functions in its order, one line each; for a failing one what, where and how bad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..records import Check
from ..report import Report
from ..verdict import Verdict
from ..words import (
    error_there,
    gap,
    many,
    never_run,
    never_varied,
    on_one_line,
    replay_line,
    values_at_worst,
    visible,
    why,
)
from .lines import STYLES, column, say, show

if TYPE_CHECKING:
    from rich.console import Console


ANSWERS = {
    "live": "live answers",
    "recorded": "recorded answers",
    "none": "the exact result alone",
}


def print_functions(report: Report, console: Console) -> None:
    """Every function with what its cases came to."""
    say(console, title(report))
    names = column([check.target for check in report.checks], console)
    for check, name in zip(report.checks, names, strict=True):
        print_function(check, name, console)
    say(console)


def print_function(check: Check, name: str, console: Console) -> None:
    """One of them, by a name that may be padded."""
    line = f"  {word(check):<15} {name}  {came_to(check)}"
    say(console, line, STYLES[check.verdict])
    for detail in details(check):
        say(console, f"      {detail}")
    if not check.passed:
        show(check.picture, console, indent="      ")


def title(report: Report) -> str:
    """`layers.py (cs231n): 18 of 20 functions pass; recorded answers, isolation: bubblewrap`."""
    passed = sum(check.passed for check in report.checks)
    facts = [ANSWERS[report.manifest.answers], f"isolation: {report.manifest.isolation}"]
    verb = "passes" if len(report.checks) == 1 else "pass"
    counted = f"{passed} of {many(len(report.checks), 'function')} {verb}"
    if [check.op for check in report.checks] == [""]:
        counted = "none of its functions can be checked"
    profile = f" ({report.profile})" if report.profile else ""
    return f"{on_one_line(report.subject)}{profile}: {counted}; {', '.join(facts)}"


def word(check: Check) -> str:
    """What stands before a function: `ok`, or its verdict in capitals."""
    return "ok" if check.passed else check.verdict.upper()


def came_to(check: Check) -> str:
    """What a function's cases came to."""
    notes = "; ".join(filter(None, [check.note, never_varied(check), never_run(check)]))
    if check.passed:
        text = f"{check.verdict} in {counted(check)}"
        return visible(f"{text}; {notes}" if notes else text)
    if check.failed:
        return f"in {check.failed} of {many(check.cases, 'case')}"
    lacking = check.note or ("" if check.compared == check.cases else gap(check))
    return visible("; ".join(filter(None, [lacking, never_run(check)])) or gap(check))


def counted(check: Check) -> str:
    """`24 cases`; of a verdict that says more than `right` how many of them have it."""
    told = check.verdicts.get(check.verdict, check.cases)
    if check.verdict in (Verdict.CONSISTENT, Verdict.CONVENTION) and told < check.cases:
        return f"{told} of {many(check.cases, 'case')}"
    return many(check.cases, "case")


def details(check: Check) -> list[str]:
    """For a failing function: the failing record, and the line that asks it again."""
    wrong = check.first_wrong
    if check.passed or wrong is None:
        return []
    told = reason_of(check)
    lines = [f"{wrong.array or 'the call'}: {told}"]
    if wrong.reason and values_at_worst(wrong):
        lines.append(visible(values_at_worst(wrong)))
    lines += filter(None, [error_there(wrong), visible(wrong.called), visible(check.note)])
    lines += [visible(f"{head}: {text}") for head, text in why(check)]
    lines += filter(None, [never_varied(check)])
    return [*lines, replay_line(wrong.case, check.replay, wrong.probe)]


def reason_of(check: Check) -> str:
    """Why it is wrong, in the first line; their traceback follows."""
    wrong = check.first_wrong
    if wrong is None:
        return ""
    if wrong.reason:
        return visible("\n        ".join(wrong.reason.splitlines()))
    return visible(values_at_worst(wrong))
