"""What a sandbox's child says beside the arrays, read: anything may stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layercheck.processes.death import ChildDied
from layercheck.reporting.records import Part
from layercheck.submissions.coverage.place import MOST_PLACES
from oracles.oracle import Array

from .protocol import PARTS, Failure
from .script import Performed

NO_REPLY = ("no answer", "what it wrote answers no question")
"""What a reply comes to that is none: a submission may write to the pipe itself."""


@dataclass(frozen=True)
class Told:
    """What the child says beside the arrays; nothing of it makes anything pass.

    changed: the inputs that this process saw changed.
    """

    failed: dict[Part, Failure]
    lacking: dict[str, Failure]
    misfits: dict[str, str]
    notes: dict[Part, tuple[str, ...]]
    called: str
    ran: int = 0
    changed: tuple[str, ...] = ()

    @classmethod
    def read(cls, told: Mapping[str, Any], changed: Sequence[str] = ()) -> Told:
        """Raises KeyError, TypeError or AttributeError for anything else."""
        return cls(
            {part: failure_of(told["failed"][part]) for part in PARTS if part in told["failed"]},
            {name: failure_of(lack) for name, lack in told["lacking"].items()},
            {name: plain_text(text) for name, text in told["misfits"].items()},
            {part: tuple(map(plain_text, told["notes"][part][:20])) for part in PARTS},
            plain_text(told["called"]),
            places_that_ran(told.get("ran", "")),
            tuple(changed),
        )


def performed(header: Mapping[str, Any], arrays: Mapping[str, Array], count: int) -> Performed:
    """What the child says of so many steps; raises ChildDied for what says nothing."""
    try:
        told = header["performed"]
        failures = {
            n: failure_of(told["failed"][str(n)]) for n in range(count) if str(n) in told["failed"]
        }
        changed = {
            n: [plain_text(name) for name in told["changed"][str(n)][:20]]
            for n in range(count)
            if str(n) in told["changed"]
        }
        times = int(told["times"])
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        raise ChildDied(*NO_REPLY) from None
    steps: list[dict[str, Array]] = [{} for _ in range(count)]
    for name, value in arrays.items():
        number, _, array = name.partition(" ")
        if number.isdecimal() and int(number) < count:
            steps[int(number)][array] = value
    return Performed(steps, failures, times, changed)


def failure_of(told: Mapping[str, Any]) -> Failure:
    """A failure as the child told it; raises TypeError for anything else."""
    kind = plain_text(told.get("kind", "raised"), 60)
    parts = (plain_text(told.get(name, ""), 5000) for name in ("message", "traceback"))
    return Failure(kind, "\n".join(parts).strip()[:5000])


def plain_text(value: Any, most: int = 300) -> str:
    """A text, cut; raises TypeError for what is none: never the text of whatever came."""
    if not isinstance(value, str):
        raise TypeError(f"got a {type(value).__name__}; expected a text")
    return value[:most]


def places_that_ran(value: Any) -> int:
    """The set of places as the child told it; none for what is no set."""
    try:
        return int(plain_text(value, MOST_PLACES), 16)
    except ValueError:
        return 0
