"""A piece of code that runs only where some condition holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_PLACES = 4000
"""A file with more of them is not followed."""

MOST_TEXT = 80


@dataclass(frozen=True)
class Place:
    """One side of one condition.

    owner: the function, or class and method, at the file's top that it stands in · first, last: its
    lines · what: the condition in words: `if C > 64` · parent: the number of the place that has to
    be run for this one to be run, -1 if there is none · counts: whether --strict fails where it
    is never run · numbers: those that the condition mentions.
    """

    owner: str
    first: int
    last: int
    what: str
    parent: int = -1
    counts: bool = True
    numbers: tuple[float, ...] = ()

    def as_list(self) -> list[Any]:
        """As JSON's values."""
        told = (self.owner, self.first, self.last, self.what, self.parent, self.counts)
        return [*told, list(self.numbers)]

    @classmethod
    def of_list(cls, told: Sequence[Any]) -> Place:
        """The inverse."""
        owner, first, last, what, parent, counts, numbers = told
        return cls(owner, first, last, what, parent, counts, tuple(numbers))


@dataclass(frozen=True)
class Code:
    """The places of one file; a set of them is a number, its n-th bit for the n-th place.

    file: its name, where it is not the subject itself · places · uses: the functions that each
    function mentions · numbers: the numbers that each function mentions · narrow: the largest
    numbers of the narrow integers that each mentions.
    """

    file: str = ""
    places: tuple[Place, ...] = ()
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbers: Mapping[str, Sequence[float]] = field(default_factory=dict)
    narrow: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def reach(self, functions: Iterable[str]) -> set[str]:
        """These functions and all that they mention, and what those mention in turn."""
        due, seen = list(functions), set[str]()
        while due:
            name = due.pop()
            if name not in seen:
                seen.add(name)
                due += self.uses.get(name, ())
        return seen

    def lacking(self, functions: Collection[str], ran: int) -> list[int]:
        """The places of these functions that did not run; of nested ones the outermost."""
        return [
            number
            for number, place in enumerate(self.places)
            if place.owner in functions
            and not ran >> number & 1
            and (place.parent < 0 or ran >> place.parent & 1)
            and not self._is_replaced(place, ran)
        ]

    def _is_replaced(self, place: Place, ran: int) -> bool:
        """Whether another definition of the same name is the one that runs."""
        return place.parent < 0 and any(
            one.parent < 0 and one.owner == place.owner and ran >> number & 1
            for number, one in enumerate(self.places)
        )

    def as_json(self) -> dict[str, Any]:
        """As JSON's values."""
        return {
            "file": self.file,
            "places": [place.as_list() for place in self.places],
            "uses": {name: list(used) for name, used in self.uses.items()},
            "numbers": {name: list(found) for name, found in self.numbers.items()},
            "narrow": {name: list(found) for name, found in self.narrow.items()},
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Code:
        """The inverse."""
        places = tuple(map(Place.of_list, told["places"]))
        return cls(told["file"], places, told["uses"], told["numbers"], told["narrow"])


def bits(number: int) -> Iterator[int]:
    """The places in a set of places.

    >>> list(bits(0b1010))
    [1, 3]
    """
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
