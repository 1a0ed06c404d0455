"""PrairieLearn's results.json, as its external grading describes it: a score from 0 to 1."""

from __future__ import annotations

import json
from typing import Any

from ..records import Grade, Mark
from .told import of_grade, of_mark, rounded


def render(grade: Grade) -> str:
    """The document as text."""
    told = {
        "gradable": True,
        "score": grade.points / grade.most if grade.most else 0.0,
        "message": of_grade(grade),
        "tests": [test_of(mark) for mark in grade.marks],
    }
    return json.dumps(told, indent=1) + "\n"


def test_of(mark: Mark) -> dict[str, Any]:
    """One function."""
    return {
        "name": mark.function,
        "points": rounded(mark.points),
        "max_points": rounded(mark.most),
        "message": mark.verdict,
        "output": of_mark(mark),
    }
