"""The rows executed: every route that a row names, or every one that is here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from layercheck.implementations.route import Routed, Routes, process_of
from oracles import routes

from .machine import widest
from .observe import AGREES, Seen, seen, seen_of_call
from .row import Row


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

    @property
    def is_elsewhere(self) -> bool:
        """Whether the row was seen on a processor with other instructions."""
        return self.row.cpu not in ("", widest())

    @property
    def fails(self) -> bool:
        """Whether it no longer holds, where it was seen."""
        return bool(self.changed or self.spoilt) and not self.is_elsewhere


class Asking:
    """Routes asked side by side: a thread for each process that answers, questions in turn."""

    def __init__(self, ways: Routes, stack: ExitStack) -> None:
        self.ways, self.stack = ways, stack
        self.threads: dict[object, ThreadPoolExecutor] = {}

    def thread(self, route: str) -> ThreadPoolExecutor:
        """The one in which the process of this route is spoken to."""
        process = process_of(route)
        if process not in self.threads:
            self.threads[process] = self.stack.enter_context(ThreadPoolExecutor(1))
        return self.threads[process]

    def answer(self, row: Row, route: str) -> Future[Routed]:
        """What a route answers; what is written in its place, where a row has such a call."""
        if route in row.call:
            return self.dish(row, route, row.call[route])
        return self.thread(route).submit(self.ways.ask, route, row.question, row.said)

    def dish(self, row: Row, family: str, code: str) -> Future[Routed]:
        """What code gives."""
        return self.thread(family).submit(self.ways.cook, family, row.question, code)


Asked = tuple[Row, dict[str, Future[Routed]], dict[str, Future[Routed]]]
"""A row with what was asked, and its recipes."""


def here() -> list[str]:
    """The routes whose framework is installed."""
    return [name for name in routes.names() if routes.is_here(name)]


def execute(
    rows: Iterable[Row], asked: Sequence[str] = (), anew: bool = False
) -> Iterator[Executed]:
    """Each row in turn. asked: the routes; by default those that a row names, and where it names
    none, or anew, the usual ones, too."""
    with Routes() as ways, ExitStack() as stack:
        asking, every = Asking(ways, stack), here()
        put = [put_row(asking, row, asked or wanted(row, anew), every) for row in rows]
        for row, answers, dishes in put:
            found = {name: seen_by(row, name, one.result()) for name, one in answers.items()}
            yield Executed(
                row, found, {n: seen_of_call(row, d.result()) for n, d in dishes.items()}
            )


def put_row(asking: Asking, row: Row, names: Iterable[str], every: Sequence[str]) -> Asked:
    """Ask all that there is to ask of a row."""
    answers = {name: asking.answer(row, name) for name in names}
    dishes = {n: asking.dish(row, n, code) for n, code in row.recipe.items() if n in every}
    return row, answers, dishes


def wanted(row: Row, anew: bool) -> list[str]:
    """The routes that a row is about; where it says what is written, those that write so."""
    named = [name for name in row.answers if routes.is_here(name)]
    if row.call:
        return [name for name in here() if name in row.call]
    return named if named and not anew else [n for n in here() if n in {*named, *routes.usual()}]


def seen_by(row: Row, route: str, reply: Routed) -> Seen:
    """What a route's reply comes to."""
    return seen_of_call(row, reply) if route in row.call else seen(row, reply)


def is_served(one: Seen) -> bool:
    """Whether a recipe gives the definition's `out`."""
    return one.words == AGREES
