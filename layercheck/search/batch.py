"""A batch: questions of one generator about one op, put to routes of one process."""

from __future__ import annotations

import json
import mmap
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.draws import seeded
from layercheck.cases.parse import parse
from layercheck.cases.where import condition

from . import generators
from .asking import Asker
from .checks import Put
from .definition import Definition
from .suspicion import FATAL, Suspicion

MOST_OF_A_KIND = 2
"""How many suspicions of one kind about one array of one route a batch tells; more say no more."""

MOST_ELEMENTS = 1 << 13
"""Numbers in a question's arrays: larger ones cost more than they show."""

CAME = ("answered", "refused", "lacking", "hopeless", "none", "deadly")
"""What a question may come to: of the last three it was not put, as its like is always refused, its
draw came to no case, or it is known to end the process."""


class Note:
    """The number of the question in progress, and how many came to what, in memory that outlives
    the process."""

    def __init__(self, path: Path, start: int) -> None:
        path.write_bytes(bytes(8 * (1 + len(CAME))))
        with path.open("r+b") as file:
            shared = mmap.mmap(file.fileno(), 0)
        self.numbers = np.frombuffer(shared, np.int64)
        self.begin(start)

    def begin(self, number: int) -> None:
        """A question is about to be put."""
        self.numbers[0] = number

    def count(self, came: str) -> None:
        """It came to this."""
        self.numbers[1 + CAME.index(came)] += 1

    @property
    def number(self) -> int:
        """The last that was begun."""
        return int(self.numbers[0])

    @property
    def tally(self) -> dict[str, int]:
        """How many came to what."""
        counts = zip(CAME, self.numbers[1:].tolist(), strict=True)
        return {name: count for name, count in counts if count}


@dataclass(frozen=True)
class Batch:
    """generator, op, seed: which stream of questions · routes: to whom · start: the number of the
    first question put, counted over all routes ·
    seconds: of processor time after which no further one is begun · known: what is found already,
    each with its kind, array, routes and condition."""

    generator: str
    op: str
    seed: int
    routes: Sequence[str]
    start: int
    seconds: float
    known: Sequence[dict[str, Any]] = ()

    def case(self, number: int) -> Case | None:
        """The question of this number, the same in every run."""
        key = f"{self.seed} {self.generator} {self.op} {number}"
        rs = seeded(zlib.crc32(key.encode()))
        with np.errstate(all="ignore"):
            return generators.load(self.generator).case(self.op, rs)

    def definition(self, number: int) -> Definition | None:
        """The question of this number with what is right; None where its draw came to none."""
        case = self.case(number)
        return None if case is None or case.elements > MOST_ELEMENTS else Definition(case)

    def run(self, asker: Asker, note: Note, tell: Tell) -> int:
        """Put questions until time is up; the number of the next one."""
        until, number, count = time.process_time() + self.seconds, self.start, len(self.routes)
        deadly, told = deadly_of(self.known), Counter[tuple[str, str, str]]()
        check = generators.load(self.generator).CHECK
        known = self.definition(number // count)
        while number % count or time.process_time() < until:
            route = self.routes[number % count]
            note.begin(number)
            if known is None:
                note.count("none")
            elif deadly(known.case, route):
                note.count("deadly")
            else:
                came, found = put(asker, route, known, check)
                note.count(came)
                for one in self.fresh(found, told):
                    tell(one)
            number += 1
            if number % count == 0:
                known = self.definition(number // count)
        return number

    def fresh(
        self, found: Sequence[Suspicion], told: Counter[tuple[str, str, str]]
    ) -> Iterator[Suspicion]:
        """Those that nothing explains that was found before, so many of a kind."""
        for one in found:
            key = (one.route, one.kind, one.array)
            is_known = any(explains_suspicion(known, one) for known in self.known)
            if told[key] < MOST_OF_A_KIND and not is_known:
                told[key] += 1
                yield one


def put(asker: Asker, route: str, known: Definition, check: str) -> tuple[str, list[Suspicion]]:
    """Put a question to a route, unless such questions are always refused: how it came, and what
    may be wrong with the answer."""
    variant, case = route.partition("/")[2], known.case
    if asker.is_hopeless(variant, case):
        return "hopeless", []
    came, found = Put(asker, route, variant, known, check).suspicions()
    if known.reference is not None:
        asker.remember(variant, case, came == "answered")
    return came, found


Tell = Callable[[Suspicion], None]


def writer(path: Path) -> Tell:
    """Appends what is suspected to a file, so that nothing is lost when the process dies."""
    file = path.open("a", encoding="utf-8")

    def tell(one: Suspicion) -> None:
        file.write(json.dumps(one.as_dict()) + "\n")
        file.flush()

    return tell


def deadly_of(known: Sequence[dict[str, Any]]) -> Callable[[Case, str], bool]:
    """Whether a question to a route is known to end the process, by what was found."""
    fatal = [one for one in known if one["kind"] in FATAL]
    return lambda case, route: any(explains(one, case, route) for one in fatal)


def explains(known: dict[str, Any], case: Case, route: str) -> bool:
    """Whether a finding is about a question to a route."""
    if known["op"] != case.op or route not in known["routes"]:
        return False
    if not known["condition"]:  # none was found in time: of a death that says nothing of others
        return known["kind"] not in FATAL
    return condition(known["condition"])(case)


def explains_suspicion(known: dict[str, Any], one: Suspicion) -> bool:
    """Whether a suspicion is what a finding says."""
    if known["kind"] != one.kind or one.array not in known["arrays"] or known["op"] != one.op:
        return False
    return explains(known, parse(one.case), one.route)
