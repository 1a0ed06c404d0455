"""A suspicion confirmed in a fresh fork, its case made smaller, and its condition found."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.parse import parse

from . import conditions
from .asking import Asker, perturb
from .batch import deadly_of
from .checks import PERTURBATIONS, Put
from .definition import Definition
from .forks import forked
from .shrink import Walk
from .suspicion import FATAL, NUMBERS, Suspicion
from .tried import borne_out

SHARE = 0.5
"""Of the time for all of it, to make the case smaller."""

TRYING = 0.5
"""As a share of that time, what there is at least to try the condition."""


@dataclass(frozen=True)
class Found:
    """confirmed: whether it showed in a fresh process · suspicion: the smallest case · where: the
    condition · unfilled: whether it shows too where memory is not filled · asked: questions."""

    confirmed: bool
    suspicion: dict[str, Any]
    where: str = ""
    unfilled: bool = False
    asked: int = 0


@dataclass
class Smaller:
    """asker: of the family · reply: a file for what forks give · first: the suspicion · seconds:
    for all of it · quiet: after so many one question hangs · known: what is found already, of
    which what ends the process is not asked for what does not · asked: how many were put ·
    is_loose: whether another kind will do."""

    asker: Asker
    reply: Path
    first: Suspicion
    seconds: float
    quiet: float
    known: Sequence[dict[str, Any]] = ()
    asked: int = 0
    is_loose: bool = False

    def found(self) -> Found:
        """Confirm, then make smaller."""
        case, ends = parse(self.first.case), time.monotonic() + self.seconds
        if self.in_a_fork(case) is not True:
            return Found(False, self.first.as_dict(), asked=self.asked)
        if self.first.kind not in FATAL:
            longest = 3 * self.seconds + self.quiet
            ended = forked(lambda: asdict(self.walked(case, ends, self.here)), self.reply, longest)
            if ended.how == "done":
                return Found(**ended.told)
        return self.walked(case, ends, self.in_a_fork)

    def walked(self, case: Case, ends: float, fails: conditions.Fails) -> Found:
        """The smallest case, and its condition, by asking in one way or another."""
        walk = Walk(lambda one: fails(one) is True, ends - self.seconds * (1 - SHARE))
        smallest = walk.smallest(case)
        defined, self.is_loose = Definition(smallest).reference is not None, True

        def tells(one: Case) -> bool | None:
            """Nothing where time is up, or where the definition refuses what it did not before."""
            late = time.monotonic() > ends
            return None if late or (defined and Definition(one).reference is None) else fails(one)

        found = conditions.needed(smallest, tells)
        ends = max(ends, time.monotonic() + self.seconds * TRYING)
        where = borne_out(smallest, found, tells)
        self.is_loose = False
        own = self.told_of(smallest)
        bare = self.in_a_fork(smallest, fill=0) is True
        return Found(True, own.as_dict(), " and ".join(where), bare, self.asked)

    def told_of(self, case: Case) -> Suspicion:
        """The suspicion at the smallest case, by the exact result where it has one."""
        if self.first.kind in FATAL:
            said = forked(lambda: self.put(case).said, self.reply, self.quiet)
            named = tuple(said.told) if said.how == "done" else tuple(case.attributes)
            told = forked(lambda: self.put(case).suspicions()[0], self.reply, self.quiet).told
            return self.with_(case, named, str(told))
        same = [one for one in self.put(case).suspicions()[1] if self.is_alike(one)]
        told = same[0].told if same else self.first.told
        return self.with_(case, self.put(case).said, told)

    def with_(self, case: Case, said: tuple[str, ...], told: str) -> Suspicion:
        """The suspicion with another case."""
        first = self.first
        return Suspicion(first.route, str(case), said, first.check, first.kind, first.array, told)

    def put(self, case: Case) -> Put:
        """The question to the route."""
        variant = self.first.route.partition("/")[2]
        return Put(self.asker, self.first.route, variant, Definition(case), self.first.check)

    def is_alike(self, one: Suspicion) -> bool:
        """Whether another suspicion is of the same kind about the same array; where a condition is
        asked for, of any kind in which the same defect may show."""
        kinds = {one.kind, self.first.kind}
        loosely = self.is_loose and kinds <= {*NUMBERS}
        return one.array == self.first.array and (loosely or len(kinds) == 1)

    @cached_property
    def is_deadly(self) -> Callable[[Case, str], bool]:
        """Whether a question is known to end the process."""
        return deadly_of(() if self.first.kind in FATAL else self.known)

    def here(self, case: Case) -> bool | None:
        """Whether a case fails alike, asked in this process; None where it was refused, or is not
        asked at all."""
        if self.is_deadly(case, self.first.route):
            return None
        self.asked += 1
        with np.errstate(all="ignore"):
            came, found = self.put(case).suspicions()
        if came != "answered":
            return None
        return any(map(self.is_alike, found))

    def in_a_fork(self, case: Case, fill: int = PERTURBATIONS[0]) -> bool | None:
        """The same in a process of its own, whose memory is filled with a byte; 0: not at all."""
        self.asked += 1

        def work() -> bool | None:
            perturb(fill)
            return self.here(case)

        ended = forked(work, self.reply, self.quiet)
        if self.first.kind in FATAL:
            return ended.how == self.first.kind
        return bool(ended.told) if ended.how == "done" and ended.told is not None else None
