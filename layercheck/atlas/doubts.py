"""What of a row its own answers do not bear out: its kind, its note, what its case leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .observe import AGREES, DIFFERS
from .row import Row

ALIKE = ("agreed", "refuted")
"""Kinds of which no route answers otherwise."""

REFUSES, MEANS = "refuses", "as "

ALL = re.compile(
    r"\b(?:in|by) (?:all|any)\b|\beverywhere\b|\bno framework\b"
    r"|\ball (?:frameworks|of them|are|lie|stay|refuse|take|subtract|agree|answer)\b",
    re.IGNORECASE,
)
"""By which words a note speaks of every route."""


def doubts(rows: Sequence[Row]) -> Iterator[str]:
    """A line for each thing that a row says, and its answers do not."""
    opened = frozenset(left_open(rows))
    for row in rows:
        for told in (*of_kind(row), *of_note(row), *of_case(row, opened)):
            yield f"{row.op} {row.id}: {told}"


def of_kind(row: Row) -> Iterator[str]:
    """Answers that are another's, where the kind says that there is no difference."""
    other = [n for n, words in row.answers.items() if not words.startswith((AGREES, REFUSES))]
    if row.kind in ALIKE and other:
        yield f"its kind is {row.kind}, but {', '.join(other)} answers otherwise; name another kind"


def of_note(row: Row) -> Iterator[str]:
    """A word of all in the note, where not all answer alike."""
    found = ALL.search(row.note)
    if found and len({sort_of(words) for words in row.answers.values()}) > 1:
        yield f"its note says {found[0]!r}, but not all answer alike; say who does"


def sort_of(words: str) -> str:
    """An answer without what is beside it: which arrays it lacks, why it refuses."""
    return re.split(r"[:,]", words)[0] if not words.startswith(MEANS) else words


def of_case(row: Row, opened: frozenset[tuple[str, str, str]]) -> Iterator[str]:
    """An attribute that the call leaves to a framework which takes it for something else, where
    that is not the question."""
    if row.kind == "default":
        return
    for route, words in row.answers.items():
        if "/" in route or route in row.call or not words.startswith((DIFFERS, MEANS)):
            continue  # of a variant alone it is no matter of defaults
        meant = {one.partition("=")[0] for one in settings_of(words)}
        unsaid = [a for op, family, a in opened if (op, family) == (row.op, route)]
        wanting = sorted({*unsaid} - {*row.said} - meant)
        if wanting:
            told = ", ".join(wanting)
            yield f"its case leaves {told} to {route}, whose default is another; name it"


def left_open(rows: Iterable[Row]) -> Iterator[tuple[str, str, str]]:
    """Op, family and attribute of each default that is another than the definition's, as rows of
    that kind show it."""
    for row in (row for row in rows if row.kind == "default"):
        for route, words in row.answers.items():
            for one in settings_of(words) if words.startswith(MEANS) else ():
                if one.partition("=")[0] not in row.said:
                    yield row.op, route, one.partition("=")[0]


def settings_of(words: str) -> list[str]:
    """`eps=0.001 training=false` of `as eps=0.001 training=false, without dx`."""
    return words.removeprefix(MEANS).partition(", without")[0].split()
