"""Who answers cases, and what they may say: arrays, a refusal, or how they failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, cast, overload, runtime_checkable

from layercheck.cases.case import Case
from layercheck.reporting.records import Part
from oracles.oracle import Array, Omitted

PARTS: tuple[Part, Part] = ("forward", "backward")
NOT_IMPLEMENTED = "not implemented"
NOT_UNDERSTOOD = "not understood"
CHANGED_INPUTS = "changed its input"
DIFFERS = "differs between two calls"
TIMED_OUT = "timed out"
LIMITS = (TIMED_OUT, "too much output", "out of memory")
"""How a failure is called that a limit of the sandbox made: all that happened in it has a part."""


@dataclass(frozen=True)
class Refusal:
    """The implementation cannot express the case."""

    reason: str


@dataclass(frozen=True)
class Failure:
    """A function should have answered and did not.

    kind: `raised`, `timed out`, `crashed`, `not implemented`, `differs between two calls`,
    `no array`, ... · message: what happened, in its own words.
    """

    kind: str
    message: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


@dataclass(frozen=True)
class Answer:
    """What a forward and a backward answered.

    arrays: by name · failures: by the function that failed, which then gave no array · changed: the
    inputs that each function overwrote · misfits: of an array that was taken although its form is
    off, how it is · notes: what else was noticed of each function · called: attributes that were
    given under another meaning than the case's, in words · ran: the set of places of its code that
    ran, a bit each.
    """

    arrays: Mapping[str, Array | Omitted | Any]
    failures: Mapping[Part, Failure] = field(default_factory=dict)
    changed: Mapping[Part, tuple[str, ...]] = field(default_factory=dict)
    misfits: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[Part, tuple[str, ...]] = field(default_factory=dict)
    called: str = ""
    ran: int = 0

    @property
    def lost(self) -> set[Part]:
        """The parts whose arrays count for nothing: those that failed, and a backward whose forward
        did."""
        return {*self.failures, *(PARTS[1:] if "forward" in self.failures else ())}


Reply = Answer | Refusal | Failure
"""A Failure alone: nothing at all came back (a framework that died, a file that does not load)."""


@dataclass(frozen=True)
class Confirmed:
    """An oracle's answer that is known to lie within the bounds of the exact result: who is right
    beside that is right beside the oracle too.

    names: the arrays · exact: those that are the exact result, correctly rounded · omitted: why it
    has no others, by name · read: gives the answer itself.
    """

    names: tuple[str, ...]
    exact: tuple[str, ...]
    omitted: Mapping[str, str]
    read: Callable[[], Answer]


Heard = Reply | Confirmed
"""What an oracle says to a case."""


@overload
def in_full(heard: Answer | Confirmed) -> Answer: ...
@overload
def in_full(heard: Heard) -> Reply: ...
def in_full(heard: Heard) -> Reply:
    """The answer itself, also of an oracle that is known to confirm the exact result."""
    return heard.read() if isinstance(heard, Confirmed) else heard


class Implementation(Protocol):
    """Anything that answers cases: a module, a framework, a recording, a submission, a mistake."""

    @property
    def name(self) -> str:
        """What the report calls it."""
        ...

    @property
    def versions(self) -> Mapping[str, str]:
        """Of what its answers depend on."""
        ...

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """Its answer to a case, in another dtype if one is given."""
        ...


@runtime_checkable
class WorksAhead(Protocol):
    """An implementation that can be asked without waiting."""

    def begin(self, case: Case) -> Callable[[], Reply]:
        """Put a case to it; what it gives is called for the reply."""
        ...


@lru_cache
def works_ahead(kind: type) -> bool:
    """Whether implementations of a class do; to ask one by one takes its time."""
    return issubclass(kind, WorksAhead)


@runtime_checkable
class LeavesAway(Protocol):
    """An implementation that can be asked without arguments that are at their default."""

    def begin_bare(self, case: Case) -> Callable[[], Reply]:
        """Put a case to it like that; what it gives is called for the reply."""
        ...


def begin_bare(implementation: Implementation, case: Case) -> Callable[[], Reply]:
    """Ask without arguments that are at their default, where the implementation can."""
    if isinstance(implementation, LeavesAway):
        return implementation.begin_bare(case)
    return begin(implementation, case)


def begin(implementation: Implementation, case: Case) -> Callable[[], Reply]:
    """Ask without waiting, where the implementation can; the reply is called for later."""
    if works_ahead(type(implementation)):
        return cast(WorksAhead, implementation).begin(case)
    return lambda: implementation.answer(case)


@runtime_checkable
class AsksOnce(Protocol):
    """An implementation that asks twice by itself, and can be asked once."""

    def answer_once(self, case: Case) -> Reply:
        """What it answers the first time."""
        ...


@lru_cache
def asks_once(kind: type) -> bool:
    """Whether implementations of a class can."""
    return issubclass(kind, AsksOnce)


def begin_once(implementation: Implementation, case: Case) -> Callable[[], Reply]:
    """Ask for what runs, not for a verdict: once, where the implementation can."""
    if asks_once(type(implementation)):
        return lambda: cast(AsksOnce, implementation).answer_once(case)
    return begin(implementation, case)


def is_parameter(name: str) -> bool:
    """Whether an input is one that an object holds: a weight, a bias, a scale, a statistic."""
    return name in ("w", "b", "gamma", "beta") or name.startswith(("w_", "running"))


def part_of(array: str, outputs: tuple[str, ...]) -> Part:
    """Which function gives an array: what is no output of the op is a gradient."""
    return "forward" if array in outputs else "backward"
