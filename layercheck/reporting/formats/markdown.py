"""A report as Markdown, for a pull request or the summary of a CI job."""

from __future__ import annotations

import os

from ..files import write_text
from ..records import Check
from ..report import Report
from ..words import (
    error_there,
    gap,
    headline,
    many,
    never_run,
    never_varied,
    on_one_line,
    pattern,
    replay_line,
    values_at_worst,
    verdict_counts,
    visible,
)

SUFFIX = ".md"
TITLE = "## layercheck: "
MOST = 30
"""How many failing functions are told in full."""


def render(report: Report) -> str:
    """The page as text."""
    lines = [f"{TITLE}{plain(report.subject)}", "", f"**{plain(headline(report))}**", ""]
    lines += ["| function | verdict | cases | |", "| --- | --- | --- | --- |"]
    lines += [row(check) for check in report.checks]
    failing = report.failing_checks
    for check in failing[:MOST]:
        lines += ["", f"### {plain(check.target)}: {check.verdict}", "", *told(check)]
    if len(failing) > MOST:
        lines += ["", f"and {many(len(failing) - MOST, 'function')} more"]
    lines += [
        f"- not checked: {plain(one.name)}: {plain(one.reason)}" for one in report.not_checked
    ]
    lines += ["", *(f"- new defect of {d.oracle}: {plain(d.what)}" for d in report.new_defects)]
    lines += [f"- ❌ regression, {one.kind}: {plain(one.told)}" for one in report.regressions]
    return visible("\n".join(lines).rstrip()) + "\n"


def row(check: Check) -> str:
    """One function."""
    mark = "✅" if check.passed else "❌"
    noted = [check.note.partition("\n")[0], never_varied(check), never_run(check)]
    more = "; ".join(filter(None, noted)) if check.passed else pattern(check)
    cells = (plain(check.target), f"{mark} {check.verdict}", verdict_counts(check.verdicts))
    return f"| {' | '.join(cells)} | {plain(more)} |"


def told(check: Check) -> list[str]:
    """Why a function fails: the failing record."""
    wrong = check.first_wrong
    if wrong is None:
        return [plain(check.note or gap(check))]
    texts = (wrong.reason, values_at_worst(wrong), error_there(wrong), wrong.called, check.note)
    replay = replay_line(wrong.case, check.replay, wrong.probe)
    return [
        f"{plain(wrong.array or 'the call')} against {wrong.against}, {wrong.dtype}: "
        + plain("; ".join(filter(None, texts))),
        "",
        f"    {wrong.case}",
        f"    {replay}",
    ]


NOBODY = "@<!-- -->"
"""An @ that shows as one, and calls nobody: what follows is no name any more."""


def plain(text: str) -> str:
    """Text that shows as it is, on one line: nothing in it is markup, and nobody is mentioned."""
    escaped = (
        f"\\{c}" if c in "\\`*_{}[]<>|#~&" else c for c in on_one_line(" ".join(text.split()))
    )
    return "".join(escaped).replace("@", NOBODY)


def write(report: Report, path: str | os.PathLike[str]) -> None:
    """Write it; raises OSError, and then leaves what was at `path` before as it was."""
    write_text(path, render(report))
