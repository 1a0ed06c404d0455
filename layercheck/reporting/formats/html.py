"""A report as one self-contained page."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..files import write_text
from ..page.environment import environment
from ..page.view import view
from ..report import Report

SUFFIX = ".html"


def render(report: Report) -> str:
    """The page as text."""
    return environment().get_template("report.html.j2").render(view(report))


def write(report: Report, path: str | os.PathLike[str]) -> None:
    """Write the page; raises OSError, and then leaves what was at `path` before as it was."""
    write_text(path, render(report))


def summary_text(rows: Sequence[Any], links: Mapping[str, str]) -> str:
    """The page that sums up many submissions, with a link to each report."""
    page = environment().get_template("summary.html.j2")
    return page.render(rows=rows, links=links)
