"""class.html: the students by functions, and what to teach again, on one self-contained page."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..page.environment import digest, environment, template, trusted
from .records import MISSING, UNREADABLE, Class, Mark
from .table import plain

SCRIPT, STYLES = "class.js", ("report.css", "class.css")
MEANINGS = {
    MISSING: "not in what was handed in, or not checked for the reason given; 0 points",
    UNREADABLE: "what was handed in cannot be read; 0 points",
}
SYMBOLS = {MISSING: "∅", UNREADABLE: "⚠"}
"""Of what a function may be beside its verdicts."""


def render(whole: Class) -> str:
    """The page as text."""
    page = environment().get_template("class.html.j2")
    return page.render(view(whole))


def view(whole: Class) -> dict[str, Any]:
    """The names that the template uses."""
    made = environment()
    return {
        "whole": whole,
        "points": plain,
        "seen": verdicts_of(whole),
        "passing": passing(whole),
        "right": sum(grade.is_right for grade in whole.grades),
        "symbols": {**made.globals["symbols"], **SYMBOLS},  # type: ignore[dict-item]
        "meanings": {**made.globals["meanings"], **MEANINGS},  # type: ignore[dict-item]
        "styles": [trusted(name) for name in STYLES],
        "script": trusted(SCRIPT),
        "policy": policy(),
        "order": order,
    }


def policy() -> str:
    """As that of other pages, for this page's script and styles."""
    script = digest(template(SCRIPT))
    styles = " ".join(f"'{digest(template(name))}'" for name in STYLES)
    return f"default-src 'none'; script-src '{script}'; style-src {styles}; base-uri 'none'"


def verdicts_of(whole: Class) -> dict[str, int]:
    """How often each verdict occurs, the most frequent first."""
    return dict(Counter(m.verdict for grade in whole.grades for m in grade.marks).most_common())


def passing(whole: Class) -> list[int]:
    """How many students have each function right."""
    columns = zip(*(grade.marks for grade in whole.grades), strict=True)
    return [sum(mark.passed for mark in column) for column in columns]


def order(mark: Mark) -> str:
    """By what a column is sorted: points first, then the verdict's word."""
    return f"{mark.points:012.4f} {mark.verdict}"
