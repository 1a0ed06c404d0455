"""Students whose wrong answers agree bit for bit, in more than one function: a hint."""

from __future__ import annotations

from collections.abc import Sequence

from .records import Grade

FEWEST = 2
"""In how many functions: a single slip that many make gives one answer."""


def similar(grades: Sequence[Grade]) -> list[tuple[list[str], list[str]]]:
    """Groups of students with the functions in which all of them agree, the most functions first.

    Two belong to one group by what they have in common; nobody's right numbers count.
    """
    shared: dict[frozenset[tuple[str, str]], set[str]] = {}
    for number, one in enumerate(grades):
        for other in grades[number + 1 :]:
            common = frozenset(one.answers.items() & other.answers.items())
            if len(common) >= FEWEST:
                shared.setdefault(common, set()).update((one.name, other.name))
    found = [(sorted(names), sorted(f for f, _ in common)) for common, names in shared.items()]
    return sorted(found, key=lambda group: (-len(group[1]), group[0]))
