"""nbgrader's cells, with metadata of its schema 3: one a function, locked and autograded."""

from __future__ import annotations

import hashlib
from typing import Any

from ..records import Required
from .calls import BESIDE, Calls, check_name

OURS = "layercheck-"
"""How the grade_id of a cell of ours begins."""

CELL = """\
# The points of {function}. {beside}
import layercheck

_mark = {call}
print(_mark.text)
_mark.points"""

EMPTY: dict[str, Any] = {
    "cells": [],
    "metadata": {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}


def notebook_of(required: Required, calls: Calls, source: dict[str, Any]) -> dict[str, Any]:
    """A notebook of nbformat 4 with a cell for each function behind its own, in the place of those
    of an earlier time; raises UsageError for what is no function's name."""
    kept = [cell for cell in source["cells"] if not is_ours(cell)]
    made = [cell_of(name, points, calls) for name, points in required.points.items()]
    if (source["nbformat"], source.get("nbformat_minor", 0)) < (4, 5):  # which has no ids
        made = [{key: value for key, value in cell.items() if key != "id"} for cell in made]
    return {**source, "cells": [*kept, *made]}


def cell_of(function: str, points: float, calls: Calls) -> dict[str, Any]:
    """The cell of one function: its value is what the function gets."""
    check_name(function)
    call = calls.text("globals()", function, points)
    name = f"{OURS}{function.replace('.', '-')}"
    graded = {"schema_version": 3, "grade": True, "locked": True, "solution": False, "task": False}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"{OURS}{hashlib.sha256(name.encode()).hexdigest()[:16]}",
        "metadata": {"nbgrader": {**graded, "grade_id": name, "points": points}},
        "outputs": [],
        "source": CELL.format(function=function, beside=BESIDE, call=call),
    }


def is_ours(cell: dict[str, Any]) -> bool:
    """Whether a cell is one that an earlier time made."""
    graded = cell.get("metadata", {}).get("nbgrader", {})
    return str(graded.get("grade_id", "")).startswith(OURS)
