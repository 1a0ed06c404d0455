"""A report on a terminal or in a log: the table, what failed, the defects, one last line."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from .report import PASSING, VERDICTS, Check, Comparison, Report, Row, worst_verdict
from .words import (
    failing_checks,
    failures,
    headline,
    known_defects,
    many,
    number,
    pattern,
    replay_line,
    shapes_of,
    size_of_error,
    skipped,
    smallest_failure,
    told,
    values_at_worst,
    visible,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

STYLES = {
    "exact": "green",
    "rounding": "green",
    "convention": "cyan",
    "inaccurate": "yellow",
    "wrong": "bold red",
    "error": "bold magenta",
    "skipped": "dim",
}


def print_report(report: Report, console: Console, verbose: bool = False) -> None:
    """Tell the report, readable without colour too.

    verbose: the environment, every failing comparison and every known defect's case as well.
    """
    if verbose:
        print_environment(report, console)
    if report.rows():
        console.print(table_of(report.rows(), console))
        say(console)
    for check in failing_checks(report):
        print_failure(report, check, console, verbose)
    print_defects(report, console, verbose)
    print_skipped(report, console)
    say(console, headline(report), "bold green" if report.passed else "bold red")


def print_environment(report: Report, console: Console) -> None:
    """Who was checked, and with what."""
    say(console, f"subject: {report.subject}")
    for name, value in report.environment.items():
        say(console, f"{name}: {told(value)}", "dim")
    say(console)


def table_of(rows: list[Row], console: Console) -> Table:
    """A line for each op and oracle."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for name in ("op", "against"):
        table.add_column(name, no_wrap=True, vertical="bottom")
    table.add_column("cases", justify="right", no_wrap=True, vertical="bottom")
    table.add_column("verdicts", vertical="bottom")
    for name in ("head\nroom", "max\nulp", "needs\ntol"):
        table.add_column(name, justify="right", no_wrap=True, vertical="bottom")
    for row in rows:
        table.add_row(*cells(row, console))
    return table


def cells(row: Row, console: Console) -> list[Text]:
    """A row of the table."""
    from rich.text import Text

    worst = worst_verdict(v for v in VERDICTS if row.verdicts.get(v))
    names = Text(shown(row.op, console), "" if worst in PASSING else "bold")
    numbers = (row.headroom, row.max_ulp, row.needed_tolerance)
    return [
        names, Text(shown(row.against, console)), Text(f"{row.cases:,}"),
        verdicts_cell(row.verdicts),
        *(Text(number(n, digits=2)) for n in numbers),
    ]  # fmt: skip


def verdicts_cell(verdicts: dict[str, int]) -> Text:
    """The verdicts that occurred, each count in its colour: `78 exact, 562 rounding`."""
    from rich.text import Text

    found = [Text(f"{verdicts[v]:,} {v}", STYLES[v]) for v in VERDICTS if verdicts.get(v)]
    return Text(", ").join(found)


def print_failure(report: Report, check: Check, console: Console, verbose: bool) -> None:
    """What, where and how bad, in that order, then the line that runs it again."""
    smallest = smallest_failure(report, check)
    what = check.op if smallest is None else f"{check.op} {smallest.array}".strip()
    named = f" ({check.target})" if check.target not in (check.op, "") else ""
    say(console, f"{what}{named} {verdict_phrase(check.verdict)}: {pattern(report, check)}", "bold")
    if smallest is not None:
        print_comparison(smallest, report, console)
    if verbose:
        for comparison in failures(report, check.op):
            say(console, f"  {one_line(comparison)}", "dim")
    say(console)


def verdict_phrase(verdict: str) -> str:
    """`is wrong`, `fails with an error`."""
    return {"error": "fails with an error", "skipped": "was skipped"}.get(verdict, f"is {verdict}")


def print_comparison(comparison: Comparison, report: Report, console: Console) -> None:
    """The smallest failing case: where, how bad, the values, how to replay it."""
    where = (f"against {comparison.against}", comparison.dtype, shapes_of(comparison))
    told_lines = {
        "smallest": comparison.case,
        "where": ", ".join(part for part in where if part),
        "how bad": size_of_error(comparison),
        "values": values_at_worst(comparison),
        "reason": comparison.reason,
        "replay": replay_line(comparison.case, report.subject),
    }
    for name, text in told_lines.items():
        if text:
            entry(console, name, text, keep=name in ("smallest", "replay"))


def one_line(comparison: Comparison) -> str:
    """A failing comparison for the verbose list."""
    how = size_of_error(comparison) or comparison.reason.partition("\n")[0]
    return (
        f"{comparison.verdict} {comparison.array} against {comparison.against}: "
        f"{comparison.case} ({how})"
    )


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
            say(console, f"    {replay_line(defect.case, defect.oracle)}", "dim")
    for defect in report.new_defects:
        entry(console, "NEW", f"{defect.oracle}: {defect.what}", style="bold red")
        entry(console, "replay", replay_line(defect.case, defect.oracle), keep=True)
    say(console)


def print_skipped(report: Report, console: Console) -> None:
    """How many cases were skipped, by reason."""
    reasons = skipped(report)
    if not reasons:
        return
    say(console, f"skipped: {sum(reasons.values()):,}", "bold")
    width = max(len(f"{count:,}") for count in reasons.values())
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        say(console, f"  {count:>{width},}  {reason}")
    say(console)


def entry(console: Console, name: str, text: str, keep: bool = False, style: str = "") -> None:
    """`  name      text`, wrapped under itself; `keep` leaves a line whole for the clipboard."""
    head = f"  {name:<8}  "
    if keep:
        return say(console, head + text, style)
    parts = [
        line
        for paragraph in text.splitlines() or [""]
        for line in textwrap.wrap(paragraph, max(20, console.width - len(head))) or [""]
    ]
    return say(console, head + f"\n{' ' * len(head)}".join(parts), style)


def say(console: Console, text: str = "", style: str = "") -> None:
    """One line as it stands: no markup, no wrapping."""
    from rich.text import Text

    console.print(Text(shown(text, console), style), soft_wrap=True, highlight=False)


def shown(text: str, console: Console) -> str:
    """What the console's encoding can show; the dot of an empty cell has an ASCII stand-in."""
    encoding = console.encoding
    if not encoding.lower().startswith("utf"):
        text = text.replace("·", "-")
    return visible(text).encode(encoding, "backslashreplace").decode(encoding)
