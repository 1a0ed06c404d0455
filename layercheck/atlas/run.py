"""The rows executed: every route that a row names, or every one that is here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from layercheck.implementations.route import Routes
from oracles import routes

from .observe import AGREES, Seen, seen
from .row import Row

SLOW = ("torch/compile",)
"""Routes that are asked only where a row names them: a compilation takes a minute."""


@dataclass(frozen=True)
class Executed:
    """A row with what each route answered now, and what its recipes gave."""

    row: Row
    found: dict[str, Seen]
    cooked: dict[str, Seen]

    @property
    def spoilt(self) -> dict[str, Seen]:
        """The recipes whose `out` is not the definition's."""
        return {name: one for name, one in self.cooked.items() if not is_served(one)}

    @property
    def changed(self) -> dict[str, tuple[str, str]]:
        """The routes that answer otherwise than the row says: what it says, and what was seen."""
        said, found = self.row.answers, self.found
        both = {name: (said[name], found[name].words) for name in said if name in found}
        return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def usual() -> list[str]:
    """The routes that are here and not slow."""
    return [name for name in here() if name not in SLOW]


def here() -> list[str]:
    """The routes whose framework is installed."""
    return [name for name in routes.names() if routes.is_here(name)]


def execute(rows: Iterable[Row], asked: Sequence[str] = ()) -> Iterator[Executed]:
    """Each row in turn. asked: the routes; by default those that a row names, and where it names
    none, the usual ones."""
    every, most = here(), usual()
    with Routes() as ways:
        for row in rows:
            wanted = asked or [name for name in row.answers if name in every] or most
            case, said = row.question, row.said
            found = {name: seen(row, ways.ask(name, case, said)) for name in wanted}
            yield Executed(row, found, dict(cook(ways, row, every)))


def cook(ways: Routes, row: Row, here: Iterable[str]) -> Iterator[tuple[str, Seen]]:
    """What the recipes of a row give."""
    for family, code in row.recipe.items():
        if family in here:
            yield family, seen(row, ways.cook(family, row.question, code))


def is_served(one: Seen) -> bool:
    """Whether a recipe gives the definition's `out`; it gives nothing else."""
    return one.words.partition(",")[0] == AGREES
