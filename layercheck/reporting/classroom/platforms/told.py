"""What a student is told of a grade, the same on every platform."""

from __future__ import annotations

from ...words import many, visible
from ..records import Grade, Mark


def rounded(points: float) -> float:
    """Points as the table of grades has them."""
    return round(points, 2)


def of_mark(mark: Mark) -> str:
    """What is told of one function."""
    return visible("\n".join([mark.verdict, *mark.reasons]))


def of_grade(grade: Grade) -> str:
    """What is told of all."""
    right = sum(mark.passed for mark in grade.marks)
    count = many(len(grade.marks), "function")
    return visible("\n".join([f"{right} of {count} pass", *grade.notes]))
