"""The rows that matter to two frameworks, differences first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from layercheck.errors import UsageError
from oracles import routes

from .row import KINDS, Row

RANK = {kind: number for number, kind in enumerate(KINDS)}
FAMILIES = {"torch": ("torch", "torch_modules"), "tensorflow": ("tensorflow", "keras")}
"""What a person means by a framework's name: its functions, then its layers."""


@dataclass(frozen=True)
class Pair:
    """A row with what two sides answer, the first route of each that can be asked. is_port: whether
    they are two frameworks, and not two ways to ask one."""

    row: Row
    one: str
    other: str
    is_port: bool = True

    @property
    def differs(self) -> bool:
        """Whether they do not answer alike, or, as frameworks do, want the same numbers in another
        order, or round otherwise."""
        is_told = self.is_port and self.row.kind in ("layout", "accuracy")
        return self.one != self.other or is_told

    @property
    def is_asked_often(self) -> bool:
        """Whether it is among the first questions of somebody who ports a model."""
        return self.differs and "often" in self.row.tags

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """What is asked most stands first, then differences, by kind."""
        return (not self.differs, "often" not in self.row.tags, RANK[self.row.kind])


def side(name: str) -> tuple[str, ...]:
    """The families of a name; raises UsageError for none."""
    families = FAMILIES.get(name, (name,) if name in routes.names() else ())
    if not families:
        known = ", ".join(dict.fromkeys([*FAMILIES, *routes.names()]))
        raise UsageError(f"unknown framework or route {name!r}; expected one of: {known}")
    return families


def pairs(rows: Iterable[Row], one: str, other: str) -> list[Pair]:
    """The rows in which both sides answer, in the order in which they matter."""
    return sorted(found(rows, one, other), key=lambda pair: pair.rank)


def found(rows: Iterable[Row], one: str, other: str) -> Iterator[Pair]:
    """The rows in which both sides answer."""
    is_port = side(one)[0].partition("/")[0] != side(other)[0].partition("/")[0]
    for row in rows:
        told = [answers(row, side(name)) for name in (one, other)]
        alike = is_in(row.call, one) == is_in(row.call, other)  # or they were asked other things
        if all(told) and alike:
            first, second = (", ".join(words) for words in told)
            yield Pair(row, first, second, is_port)


def is_in(call: Mapping[str, str], name: str) -> bool:
    """Whether code stands in the place of a side."""
    return any(family in call for family in side(name))


def answers(row: Row, families: Iterable[str]) -> list[str]:
    """What a framework answers; where its functions and its layers differ, both, named."""
    own = {name: row.answers[name] for name in families if name in row.answers}
    alike = len(set(own.values())) <= 1
    return list(own.values())[:1] if alike else [f"{words} ({n})" for n, words in own.items()]
