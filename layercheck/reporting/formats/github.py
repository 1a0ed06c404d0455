"""A report as annotations of GitHub Actions, at the functions' own lines; and the job's summary."""

from __future__ import annotations

import os
from pathlib import Path

from ..files import write_text
from ..records import Change, Check
from ..report import Report
from ..words import error_there, gap, headline, pattern, values_at_worst, visible
from . import markdown

SUFFIX = ".github"
SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable that names the file which GitHub shows as the job's summary."""

TO_STDOUT = True
"""Where GitHub reads it, unless a file is named."""


def render(report: Report) -> str:
    """A command a line."""
    lines = [annotation(check) for check in report.failing_checks]
    for defect in report.new_defects:
        text = f"{defect.oracle}: {defect.what}\n{defect.case}"
        lines.append(command("error", text, title="new defect of an oracle"))
    lines += [of_regression(report, change) for change in report.regressions]
    title = f"layercheck {report.subject}"
    lines.append(command("notice", headline(report), title=title))
    return "\n".join(lines) + "\n"


def annotation(check: Check) -> str:
    """A failing function."""
    wrong = check.first_wrong
    text = [pattern(check)]
    if wrong is not None:
        text += [wrong.reason, values_at_worst(wrong), error_there(wrong), wrong.case]
    else:
        text += [check.note or gap(check)]
    told = "\n".join(dict.fromkeys(filter(None, text)))
    title = f"{check.target} {check.verdict}"
    return command("error", told, file=here(check.file), line=str(check.line or ""), title=title)


def of_regression(report: Report, change: Change) -> str:
    """What got worse than in the baseline, at its function."""
    at = next((check for check in report.checks if check.target == change.function), None)
    given = {"file": here(at.file), "line": str(at.line or "")} if at is not None else {}
    return command("error", change.told, **given, title=f"regression: {change.what}")


def here(file: str) -> str:
    """A file as GitHub names it: from the root of the repository."""
    root = os.environ.get("GITHUB_WORKSPACE") or os.getcwd()
    path = Path(file)
    return str(path.relative_to(root)) if file and path.is_relative_to(root) else file


def command(name: str, text: str, **properties: str) -> str:
    """`::error file=layers.py,line=7,title=...::text`."""
    given = ",".join(f"{n}={escaped(v, ':,')}" for n, v in properties.items() if v)
    return f"::{name} {given}::{escaped(visible(text))}"


def escaped(text: str, more: str = "") -> str:
    """As GitHub's own toolkit escapes it."""
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def also(report: Report) -> None:
    """Add the report to the job's summary, where there is one; raises OSError."""
    path = os.environ.get(SUMMARY)
    if path:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(markdown.render(report))


def write(report: Report, path: str | os.PathLike[str]) -> None:
    """Write the commands; raises OSError, and then leaves what was at `path` before as it was."""
    write_text(path, render(report))
