"""Cases that reach what the planned ones left out: a branch that nobody took is looked for.

What such a case came to is judged like any other case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from layercheck.cases.case import Case
from layercheck.cases.where import condition
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer, Reply, begin, begin_once
from layercheck.submissions.boundaries import Boundaries

from .fuller import fuller
from .options import Options
from .plan import Task
from .unordinary import DROPPED, unordinary

SECONDS = 1.0
"""How long a subject's functions are asked in all."""

LEAST = 0.15
"""How long each layer's are, while there is time."""

MOST = 300
"""How many cases are tried of each layer, and how many where only kinds of arguments lack."""

MOST_OF_KINDS = 40

BUSIEST = 10.0
"""How many times slower than by itself this process may be taken to run."""

AHEAD = 12
"""How many are asked at a time."""

ALIKE = 3
"""How many more cases like one that was found are judged."""

MOST_FOUND = 24

LARGE = 5000
"""How many numbers a case has of which no more are wanted: the exact result takes its time."""


@dataclass
class Ran:
    """Which places of which file ran: in any case, and in those that a function can fail."""

    anywhere: dict[int, int] = field(default_factory=dict)
    judged: dict[int, int] = field(default_factory=dict)

    def take(self, layer: Layer, reply: Reply, beyond: bool = False) -> int:
        """Add what ran for a reply; the places that had not run before.

        beyond: the case is none that the function can fail.
        """
        told = reply.ran if isinstance(reply, Answer) else 0
        file = id(layer.code.places)
        self.anywhere[file] = self.of(layer) | told
        before = self.judged.get(file, 0)
        self.judged[file] = before if beyond else before | told
        return told & ~before

    def of(self, layer: Layer) -> int:
        """What ran of a layer's file."""
        return self.anywhere.get(id(layer.code.places), 0)

    def lacking(self, layer: Layer) -> list[int]:
        """The places of a layer's functions that no case ran that they can fail."""
        return lacking_of(layer, self.judged.get(id(layer.code.places), 0))

    def unrun(self, layer: Layer) -> list[int]:
        """The places of a layer's functions that no case ran."""
        return lacking_of(layer, self.of(layer))


def lacking_of(layer: Layer, ran: int) -> list[int]:
    """The places of a layer's functions that are not among those that ran."""
    return layer.code.lacking(layer.code.reach(name for name, _ in layer.functions()), ran)


@dataclass
class Clock:
    """Seconds as on a machine that has nothing else to do: else a busy one would find less.

    own, taken: processor time and time of our own work, whose ratio says how busy it is · waited:
    for replies.
    """

    own: float = 0.0
    taken: float = 0.0
    waited: float = 0.0

    @contextmanager
    def working(self) -> Iterator[None]:
        """While this process works."""
        processor, began = time.process_time(), time.perf_counter()
        yield
        self.own += time.process_time() - processor
        self.taken += time.perf_counter() - began

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While it waits for others."""
        began = time.perf_counter()
        yield
        self.waited += time.perf_counter() - began

    @property
    def spent(self) -> float:
        """The seconds so far."""
        busy = min(max(self.taken / self.own, 1.0), BUSIEST) if self.own else 1.0
        return self.own + self.waited / busy


@dataclass
class Hunter:
    """Looks for what did not run, layer by layer, while there is time for their file.

    layers: all that are asked · ran: what ran so far · left: the seconds that each file has.
    """

    options: Options
    layers: Sequence[Layer]
    ran: Ran = field(default_factory=Ran)
    left: dict[int, float] = field(default_factory=dict)

    def cases(self, layer: Layer, replies: Iterable[tuple[Task, Reply]]) -> list[Case]:
        """Further cases of a layer that run what those of the replies did not, or whose sizes are
        beyond the narrow integers that it mentions."""
        known, told = [], []
        for task, reply in replies:
            self.ran.take(layer, reply, bool(task.beyond))
            known.append(task.case)
            told += [] if task.beyond else [(task.case, reply)]
        lacking = self.ran.lacking(layer)
        seconds = self.share(layer)
        narrow = narrow_of(layer)
        if not known or seconds <= 0:
            return []
        search = Search(self, layer, seconds)
        whole = [case for case in fuller(layer, told) if case not in known]
        whole = list(filter(search.is_wanted(), whole))
        if not (lacking or narrow):
            return whole
        begin(layer.implementation, known[0])()  # what was asked ahead is answered before it
        found = search.beyond(narrow, known) + (search.found(lacking) if lacking else [])
        self.left[id(layer.code.places)] -= search.clock.spent
        return [*whole, *found]

    def share(self, layer: Layer) -> float:
        """How many seconds a layer may have, of what its file has left."""
        if not self.options.hunt or self.options.grid == "architectures":
            return 0.0
        file = id(layer.code.places)
        left = self.left.setdefault(file, SECONDS)
        alike = [one for one in self.layers if id(one.code.places) == file]
        due = len(alike) - next((i for i, one in enumerate(alike) if one is layer), 0)
        return min(left, max(left / max(due, 1), LEAST))


def narrow_of(layer: Layer) -> list[int]:
    """The largest numbers of the narrow integers that a layer's functions mention."""
    owners = layer.code.reach(name for name, _ in layer.functions())
    return sorted({n for name in owners for n in layer.code.narrow.get(name, ())})


@dataclass
class Search:
    """One layer's search, for so many seconds."""

    hunter: Hunter
    layer: Layer
    seconds: float
    clock: Clock = field(default_factory=Clock)

    def found(self, lacking: list[int]) -> list[Case]:
        """The cases that ran something new, each with some that are like it."""
        code, ran = self.layer.code, self.hunter.ran
        places = [code.places[number] for number in lacking]
        most = MOST if any(p.counts or p.numbers for p in places) else MOST_OF_KINDS
        drawn = self.boundaries(lacking)
        kept: list[Case] = []
        until = time.process_time() + self.seconds
        cases = drawn.cases(lambda: time.process_time() < until)
        for case, reply in self.asked(islice(filter(self.is_wanted(), cases), most)):
            new = ran.take(self.layer, reply)
            if new:
                kept.append(case)
                if case.elements <= LARGE:
                    kept += self.alike(drawn.like(case, 3 * ALIKE), new)
            if len(kept) >= MOST_FOUND or not ran.lacking(self.layer):
                break
        return kept

    def boundaries(self, lacking: list[int]) -> Boundaries:
        """Cases at the numbers of what lacks, then at all that the functions mention."""
        code = self.layer.code
        owners = code.reach(name for name, _ in self.layer.functions())
        hidden = [p for n, p in enumerate(code.places) if n in lacking or p.parent in lacking]
        near = [number for place in hidden for number in place.numbers]
        numbers = [number for name in sorted(owners) for number in code.numbers.get(name, ())]
        return Boundaries(self.layer.op, self.layer.takes, list(dict.fromkeys(near)), numbers)

    def beyond(self, maxima: Sequence[int], known: Sequence[Case]) -> list[Case]:
        """Cases whose sizes narrow integers cannot hold, whatever they run."""
        layer = self.layer
        drawn = Boundaries(layer.op, layer.takes, [], [2 * maximum for maximum in maxima])
        return list(islice(drawn.beyond(maxima, self.is_wanted(), known), MOST_FOUND))

    def is_wanted(self) -> Callable[[Case], bool]:
        """Whether the options ask for a case, and the function's contract has it."""
        options = self.hunter.options
        holds = condition(options.where) if options.where else lambda case: True

        def wanted(case: Case) -> bool:
            return (
                options.dtype in ("", case.dtype)
                and unordinary(case) in ("", DROPPED)  # its own text asks for it
                and holds(case)
                and (options.strict or not self.layer.goes_beyond(case))
            )

        return wanted

    def asked(self, cases: Iterator[Case]) -> Iterator[tuple[Case, Reply]]:
        """Each case with its reply, some ahead, while there is time."""
        while self.clock.spent < self.seconds:
            with self.clock.working():
                some = list(islice(cases, AHEAD))
                asked = [(case, begin_once(self.layer.implementation, case)) for case in some]
            if not asked:
                return
            with self.clock.waiting():
                told = [(case, reply_of()) for case, reply_of in asked]
            yield from told

    def alike(self, cases: Iterator[Case], new: int) -> list[Case]:
        """Some of these cases that run the new places, too."""
        wanted = self.is_wanted()
        asked = self.asked(filter(wanted, cases))
        some = (case for case, reply in asked if isinstance(reply, Answer) and reply.ran & new)
        return list(islice(some, ALIKE))
