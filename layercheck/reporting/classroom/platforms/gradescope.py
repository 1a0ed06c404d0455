"""Gradescope's results.json, as its autograder specification describes it."""

from __future__ import annotations

import json
from typing import Any

from ..records import Grade, Mark
from .told import of_grade, of_mark, rounded

VISIBLE, HIDDEN = "visible", "hidden"


def render(grade: Grade) -> str:
    """The document as text."""
    told = {
        "score": rounded(grade.points),
        "output": of_grade(grade),
        "output_format": "text",
        "visibility": VISIBLE,
        "stdout_visibility": HIDDEN,
        "tests": [test_of(mark) for mark in grade.marks],
    }
    return json.dumps(told, indent=1) + "\n"


def test_of(mark: Mark) -> dict[str, Any]:
    """One function."""
    return {
        "name": mark.function,
        "score": rounded(mark.points),
        "max_score": rounded(mark.most),
        "status": "passed" if mark.passed else "failed",
        "output": of_mark(mark),
        "output_format": "text",
        "visibility": VISIBLE,
    }
