"""A class as plain records: what is required, what each student has of it, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MISSING, UNREADABLE = "missing", "unreadable"
"""What a function may be beside its verdicts: not there, or in a file that cannot be read."""


@dataclass(frozen=True)
class Asked:
    """What a function that counts is asked for. op: the layer · settings: the attributes that its
    signature has a place for."""

    op: str
    settings: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Required:
    """points: of each function that counts, in their order · partial: whether a function that fails
    gets the share of its cases that pass · asked: what the functions are asked for, where that is
    known · narrow: whether one that takes fewer settings passes."""

    points: dict[str, float]
    partial: bool = False
    asked: dict[str, Asked] = field(default_factory=dict)
    narrow: bool = False

    @property
    def most(self) -> float:
        """All points that there are."""
        return sum(self.points.values())


@dataclass(frozen=True)
class Checked:
    """One file of a student. name: as it was handed in · data: its report's JSON form; None where
    there is none · problem: why not · page: where its report's page is, from the class's ·
    unasked: why none of its functions could be asked, by their names · is_joined: whether it is
    several of the student's files put together."""

    name: str
    data: dict[str, Any] | None = None
    problem: str = ""
    page: str = ""
    unasked: dict[str, str] = field(default_factory=dict)
    is_joined: bool = False


@dataclass(frozen=True)
class Mark:
    """What a student has of one function. verdict: the check's, `missing` or `unreadable` ·
    points, most: got, and to be got · reasons: why it fails, a sentence each · page: that tells
    more."""

    function: str
    verdict: str
    passed: bool
    points: float
    most: float
    reasons: list[str] = field(default_factory=list)
    page: str = ""


@dataclass(frozen=True)
class Grade:
    """One student. name, number: as the platform has them · is_late: as the export says · marks:
    one a function that counts · notes: what else the teacher should know · pages: of each file that
    was checked, by its name · failing: the diagnoses of what fails, with their functions · answers:
    a fingerprint of the wrong numbers of each function that has any · functions: every one that the
    files have."""

    name: str
    number: str = ""
    is_late: bool = False
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    failing: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)

    @property
    def points(self) -> float:
        """All that the student has."""
        return sum(mark.points for mark in self.marks)

    @property
    def most(self) -> float:
        """All that there is."""
        return sum(mark.most for mark in self.marks)

    @property
    def is_right(self) -> bool:
        """Whether every function that counts passes."""
        return bool(self.marks) and all(mark.passed for mark in self.marks)


@dataclass(frozen=True)
class Mistake:
    """One mistake, over a class. text: the diagnosis · hint: where to look · functions: in which ·
    students: how many made it."""

    text: str
    hint: str
    functions: list[str]
    students: int


@dataclass(frozen=True)
class Class:
    """required: what counts · is_fixed: whether the teacher said so; else it is what most have ·
    grades: of the students · mistakes: the most common first · left_out: what is nobody's
    submission, with the reason · similar: students whose wrong answers agree bit for bit, with the
    functions; None where nobody asked · asked: what else was asked for than every case of every
    function; empty where nothing was."""

    required: Required
    is_fixed: bool
    grades: list[Grade]
    mistakes: list[Mistake] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    similar: list[tuple[list[str], list[str]]] | None = None
    asked: str = ""
